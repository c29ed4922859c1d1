"""What libraries import only to offer it, and the process of a hub never uses."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

HTTP_CLIENTS = ("aiohttp", "requests", "tornado", "websocket")
"""What python-socketio's clients are made of, and its server for tornado. Its server cannot be imported alone."""


@contextlib.contextmanager
def not_installed(names: tuple[str, ...]) -> Iterator[None]:
    """Let imports go on as if these modules were not installed; those that are loaded already stay as they are.

    For libraries that do without them, and for a process that is ours alone.
    """
    hidden = [name for name in names if name not in sys.modules]
    # The import system's own way to say that there is no such module.
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
