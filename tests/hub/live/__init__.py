"""Tests of live documents and cursors."""
