"""Tests of accounts, class lists and copies of a hub."""
