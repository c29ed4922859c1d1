"""Tests of opening documents."""
