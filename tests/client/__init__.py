"""Tests of the client: pure rules, and real kernels' halves against a real hub."""
