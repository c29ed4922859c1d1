"""Document roots and documents, their update logs and versions."""
