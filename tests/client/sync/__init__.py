"""Tests of how documents are kept in agreement with the hub."""
