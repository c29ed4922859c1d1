"""The names that the user's kernel knows, for whoever types into a live code cell.

Asked on the main thread, where nothing else runs: IPython's completer is made for one thread, and the namespace
changes while a cell runs. A question that had to wait is not answered late: whoever asked has typed on.
"""

from __future__ import annotations

import inspect
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any

from IPython import get_ipython

from teaching_nb.errors import InvalidInput
from teaching_nb.widgets import ipykernel_hooks
from teaching_nb.widgets.base import Reply

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 5.0
"""A page shows no list that comes later."""
MOST_NAMES = 500
"""Nobody looks through more; the next letter brings others."""

_TYPES = "_jupyter_types_experimental"


def complete(code: str, position: int, reply: Reply) -> None:
    """Answer with the names that fit at a position, which counts characters of `code`."""
    shell: Any = get_ipython()
    if getattr(shell, "kernel", None) is None:
        raise InvalidInput("there is no kernel that knows names")
    ipykernel_hooks.queue(shell.kernel, partial(_answer, shell, code, position, reply, time.monotonic()))


async def _answer(shell: Any, code: str, position: int, reply: Reply, asked: float) -> None:
    if time.monotonic() - asked > PATIENCE_SECONDS:
        reply.refuse("the kernel was busy")
        return
    try:
        with _jedi.used_when_ready(shell.Completer):
            found = shell.kernel.do_complete(code, position)
            content = await found if inspect.isawaitable(found) else found
        reply.give(_names(content))
    except Exception as error:  # noqa: BLE001 - the completer looks into objects of the user's, which may do anything
        reply.refuse(f"the kernel's completer failed ({type(error).__name__}: {error})")


def _names(content: dict[str, Any]) -> dict[str, Any]:
    types = {known["text"]: known.get("type", "") for known in content.get("metadata", {}).get(_TYPES, [])}
    names = dict.fromkeys(content["matches"])
    return {
        "start": content["cursor_start"],
        "end": content["cursor_end"],
        "names": [{"text": name, "type": types.get(name, "")} for name in list(names)[:MOST_NAMES]],
    }


class _Jedi:
    """What IPython asks about code besides the namespace.

    At its first use it reads the names of all built-in types, for up to four seconds: a run would wait for that on the
    main thread. It gets ready on a thread of its own; until then the namespace answers alone.
    """

    def __init__(self) -> None:
        self._is_ready = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def used_when_ready(self, completer: Any) -> Iterator[None]:
        if self._thread is None:
            self._thread = threading.Thread(target=self._get_ready, name="tnb-jedi", daemon=True)
            self._thread.start()
        before = completer.use_jedi
        completer.use_jedi = before and self._is_ready.is_set()
        try:
            yield
        finally:
            completer.use_jedi = before

    def _get_ready(self) -> None:
        try:
            # It comes with IPython, untyped, and some leave it out.
            jedi: Any = import_module("jedi")
            jedi.Interpreter("numbers = [1]\nnumbers.a", [{}]).complete()
        except Exception as error:  # noqa: BLE001 - an extra; without it IPython goes on as before
            logger.info("jedi does not get ready: %s", error)
        self._is_ready.set()


_jedi = _Jedi()
