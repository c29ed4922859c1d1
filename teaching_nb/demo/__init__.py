"""A whole class on one machine: a hub, one JupyterLab per person, people and notebooks.

Started by `teaching-nb demo`. Every part runs as the process that it is elsewhere; nothing is simulated.
"""
