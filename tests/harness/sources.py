"""Reading Python as a tree, in a process where other threads may do so as well."""

from __future__ import annotations

import ast

ATTEMPTS = 10


def parsed(source: str) -> ast.Module:
    """Return the tree of some source.

    Python 3.11 counts how deep it is in one place for all threads, and raises `SystemError` when another one has
    parsed something at the same moment (python/cpython#106905).
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return ast.parse(source)
        except SystemError:
            continue
    return ast.parse(source)
