"""The browser half as files: where they lie, which version they are, and the loader that every widget sends.

The Jupyter server serves its modules, each once and when a page needs it. Only where there is no such server a kernel
hands out all of it, in one file over the comm (see `loader.js`).
"""

from __future__ import annotations

from pathlib import Path

LOADER = Path(__file__).parent / "loader.js"
"""The few lines that each widget instance sends to the browser."""

STATIC = Path(__file__).parent / "static"
"""What `js/build.mjs` makes."""

_FIRST = "page-*.js"
_WHOLE = "teaching.js"


def bundle_hash() -> str:
    """Return a short name of the built version; empty when nothing has been built.

    It stands in the name of the module that pages ask for first, and changes with everything that this leads to.
    """
    newest = max(STATIC.glob(_FIRST), key=lambda path: path.stat().st_mtime_ns, default=None)
    return newest.stem.partition("-")[2] if newest else ""


def bundle_bytes() -> bytes:
    """Return everything in one file; empty when it has not been built."""
    try:
        return (STATIC / _WHOLE).read_bytes()
    except OSError:
        return b""
