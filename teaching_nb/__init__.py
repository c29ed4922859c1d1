"""Live documents of a teaching platform inside Jupyter."""
