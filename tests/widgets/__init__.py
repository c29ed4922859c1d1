"""Tests of the widgets' Python halves."""
