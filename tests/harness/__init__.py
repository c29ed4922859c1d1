"""What the tests of several parts share: processes, hubs, Jupyter servers, databases, people, sockets, waiting.

What the tests of one part alone need stays beside them. Benchmarks use it too.
"""
