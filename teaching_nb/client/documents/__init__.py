"""The documents of one classroom: opening them, and bringing them what the hub says."""
