"""Tests of the database and how it is asked."""
