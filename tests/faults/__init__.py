"""Tests that break the system on purpose: what was acknowledged must survive, once."""
