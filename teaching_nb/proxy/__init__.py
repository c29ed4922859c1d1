"""The Jupyter server extension: authenticates with Jupyter's own means and relays to exactly one hub."""
