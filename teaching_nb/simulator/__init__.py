"""A simulated class that works on a hub: load, trouble on purpose, and an oracle that says whether anything was lost.

Started by `teaching-nb sim`. Everybody is a client on the network, as anybody could write one.
"""
