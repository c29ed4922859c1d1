"""Tests of the connection to a hub."""
