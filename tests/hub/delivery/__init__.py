"""Tests of the way from a commit to the sockets."""
