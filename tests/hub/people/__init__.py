"""Tests of users, groups and their names."""
