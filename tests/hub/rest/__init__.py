"""Tests of the hub's REST interface."""
