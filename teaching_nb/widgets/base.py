"""What all widgets share: the loader, the way in for browser messages, and the sentence for what went wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Union

import anywidget
from traitlets import Unicode

from teaching_nb.errors import TeachingNbError
from teaching_nb.schema import wire
from teaching_nb.widgets import bundle, messages

logger = logging.getLogger(__name__)

Handler = Callable[[Any, list[bytes]], None]


class TeachingWidget(anywidget.AnyWidget):
    """Base of all widgets.

    Messages may arrive on the main thread or on a subshell's thread, calls from models on the client's
    loop thread; all of them may set traits and `send`. Nothing here prints: it would appear in whatever
    cell ran last.
    """

    _esm = bundle.LOADER

    kind = Unicode().tag(sync=True)
    "Which widget of the bundle shows this."
    bundle_hash = Unicode().tag(sync=True)
    "Version of the built bundle; empty when there is none."
    problem = Unicode().tag(sync=True)
    "What went wrong, for the user; empty when all is well."

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {}
    """Message type → name of the method that takes `(message, buffers)`."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(bundle_hash=bundle.bundle_hash(), **traits)
        self._known: dict[type[messages.Message], str] = {
            messages.Bundle: "_send_bundle",
            messages.Refresh: "_send_traits",
            **self.handlers,
        }
        self._union: Any = Union[tuple(self._known)]  # noqa: UP007 - the members are known at run time
        self.on_msg(self._receive)

    def open(self) -> None:
        """Open the comm; browser messages go to the subshell that the front end asked for."""
        super().open()
        # ipykernel 7.4 sends them to the shell that published last, which is the busy main shell as soon
        # as a cell or a background thread has touched the widget.
        if hasattr(self.comm, "_reply_subshell_for"):
            self.comm._reply_subshell_for = None  # noqa: SLF001 - there is no public switch

    def report(self, error: BaseException, doing: str) -> None:
        """Show in the cell that `doing` did not work; never raises."""
        if isinstance(error, TeachingNbError):
            logger.info("%s: %s", doing, error)
            self.problem = f"{doing} did not work: {error}."
            return
        logger.error("%s failed", doing, exc_info=error)
        self.problem = f"{doing} did not work, because of a mistake in teaching_nb ({type(error).__name__}: {error})."

    def _receive(self, _widget: object, content: Any, buffers: Sequence[memoryview]) -> None:
        kind = content.get("kind", "?") if isinstance(content, dict) else "?"
        try:
            message = wire.convert(content, self._union)
            handle: Handler = getattr(self, self._known[type(message)])
            handle(message, [bytes(buffer) for buffer in buffers])
        except Exception as error:  # noqa: BLE001 - the edge: ipywidgets would only log it
            self.report(error, f"what you did here ({str(kind)[:30]})")

    def _send_traits(self, _message: messages.Refresh, _buffers: list[bytes]) -> None:
        # Those with an underscore say what the widget is, which never changes.
        self.send_state([name for name in self.keys if not name.startswith("_")])

    def _send_bundle(self, _message: messages.Bundle, _buffers: list[bytes]) -> None:
        content = bundle.bundle_bytes()
        self.send({"kind": "bundle"}, [content] if content else [])
