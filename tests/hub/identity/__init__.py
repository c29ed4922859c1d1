"""Tests of the way from a credential to an actor."""
