"""The database, and how it is asked; no rule of ours."""
