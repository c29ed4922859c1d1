"""Live documents in memory, and the cursors in them."""
