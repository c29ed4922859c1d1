"""The browser half as a file: where it lies, which version it is, and the loader that every widget sends.

The bundle is served once by the Jupyter server; a kernel hands it out over the comm only where there is
no such server (see `loader.js`).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

LOADER = Path(__file__).parent / "loader.js"
"""The few lines that each widget instance sends to the browser."""

BUNDLE = Path(__file__).parent / "static" / "teaching.js"
"""All widgets as one ES module, built from `js/`."""


def bundle_hash() -> str:
    """Return a short name of the built version; empty when the bundle has not been built."""
    try:
        changed = BUNDLE.stat().st_mtime_ns
    except OSError:
        return ""
    return _hash(changed)


def bundle_bytes() -> bytes:
    """Return the bundle itself; empty when it has not been built."""
    try:
        return BUNDLE.read_bytes()
    except OSError:
        return b""


@lru_cache(maxsize=4)
def _hash(changed: int) -> str:  # noqa: ARG001 - a newer file is another key of the cache
    return hashlib.sha256(bundle_bytes()).hexdigest()[:16]
