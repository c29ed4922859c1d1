"""Tests of the hub's socket."""
