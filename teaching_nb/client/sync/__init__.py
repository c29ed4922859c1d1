"""Keeping documents in agreement with the hub."""
