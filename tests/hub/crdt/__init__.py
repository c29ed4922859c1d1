"""Tests of Yjs documents and their bytes."""
