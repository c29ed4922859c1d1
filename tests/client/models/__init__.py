"""Tests of observable documents."""
