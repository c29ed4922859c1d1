"""The hub: keeps people, groups, roots and documents, decides who may do what, pushes what changed.

Runs alone; knows neither Jupyter nor traitlets.
"""
