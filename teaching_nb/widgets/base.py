"""What all widgets share: the loader, the way in for browser messages, and the sentence for what went wrong."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Union

import anywidget
from traitlets import Unicode

from teaching_nb.errors import TeachingNbError
from teaching_nb.schema import wire
from teaching_nb.widgets import bundle, ipykernel_hooks, messages
from teaching_nb.widgets.snapshot import invitation

logger = logging.getLogger(__name__)

Handler = Callable[[Any, list[bytes]], None]
"""Takes a message and what came beside it."""
QuestionHandler = Callable[[Any, "Reply"], None]
"""Takes a question and the way to answer it, now or later."""


class Reply:
    """The way to answer one question of one page; any thread, once."""

    def __init__(self, send: Callable[..., None], question: messages.Question) -> None:
        self._send = send
        self._question = question

    def give(self, value: Any, buffers: Sequence[bytes] = ()) -> None:
        """Answer with a value that JSON can hold, and with what is sent beside it."""
        self._answer(messages.Answer(to=self._question.peer, ask=self._question.ask, value=value), buffers)

    def refuse(self, words: str) -> None:
        """Say in a sentence why there is no answer."""
        self._answer(messages.Answer(to=self._question.peer, ask=self._question.ask, refusal=words), ())

    def _answer(self, answer: messages.Answer, buffers: Sequence[bytes]) -> None:
        self._send(wire.to_plain(answer), list(buffers))


class TeachingWidget(anywidget.AnyWidget):
    """Base of all widgets.

    Messages may arrive on the main thread or on a subshell's thread, calls from models on the client's
    loop thread; all of them may set traits and `send`. Nothing here prints: it would appear in whatever
    cell ran last.
    """

    _esm = bundle.LOADER

    own_id = Unicode().tag(sync=True)
    "Under which id front ends have this widget: a page finds out with it whether there is a kernel behind it."
    kind = Unicode().tag(sync=True)
    "Which widget of the bundle shows this."
    bundle_hash = Unicode().tag(sync=True)
    "Version of the built bundle; empty when there is none."
    problem = Unicode().tag(sync=True)
    "What went wrong, for the user; empty when all is well."

    how_to_see: ClassVar[str] = "run this cell in a notebook to see what it shows"
    """What to do to see it, in the place of what no file holds."""

    pages_know: ClassVar[frozenset[str]] = frozenset()
    """Traits that a page writes too, and more of than the kernel."""

    handlers: ClassVar[Mapping[type[messages.Message], str]] = {
        messages.Bundle: "_send_bundle",
        messages.Refresh: "_send_traits",
    }
    """Message type → name of the method that takes it: a `Handler` or `QuestionHandler`. Those of bases count too."""

    def __init__(self, **traits: Any) -> None:
        own_id = uuid.uuid4().hex
        super().__init__(model_id=own_id, own_id=own_id, bundle_hash=bundle.bundle_hash(), **traits)
        self._known: dict[type[messages.Message], str] = {}
        for base in reversed(type(self).__mro__):
            self._known.update(vars(base).get("handlers", {}))
        self._union: Any = Union[tuple(self._known)]  # noqa: UP007 - the members are known at run time
        self.on_msg(self._receive)

    def open(self) -> None:
        """Open the comm; browser messages go to the subshell that the front end asked for."""
        super().open()
        ipykernel_hooks.answer_where_asked(self.comm)

    def has_page(self) -> bool:
        """Tell whether a page may show the widget, so that it is offered beside what is written."""
        return True

    def written(self) -> dict[str, str]:
        """Return what stands for the widget where no page of ours shows it, by MIME type."""
        return invitation("teaching_nb", self.how_to_see)

    def has_written(self) -> bool:
        """Tell whether the file holds what it shows, and not an invitation alone."""
        return False

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        return {**(data if self.has_page() else {}), **self.written()}, {
            **metadata,
            **output_mark(is_kept=self.has_written()),
        }

    def report(self, error: BaseException, doing: str) -> None:
        """Show in the cell that `doing` did not work; never raises."""
        self.problem = sentence(error, doing)

    def _receive(self, _widget: object, content: Any, buffers: Sequence[memoryview]) -> None:
        kind = content.get("kind", "?") if isinstance(content, dict) else "?"
        doing = f"what you did here ({str(kind)[:30]})"
        try:
            message = wire.convert(content, self._union)
            handle = getattr(self, self._known[type(message)])
            if isinstance(message, messages.Question):
                self._take_question(message, handle, doing)
            else:
                handle(message, [bytes(buffer) for buffer in buffers])
        except Exception as error:  # noqa: BLE001 - the edge: ipywidgets would only log it
            self.report(error, doing)

    def _take_question(self, question: messages.Question, handle: QuestionHandler, doing: str) -> None:
        reply = Reply(self.send, question)
        try:
            handle(question, reply)
        except Exception as error:  # noqa: BLE001 - the edge, as above: whoever asked waits for an answer
            reply.refuse(sentence(error, doing))

    def _send_traits(self, _message: messages.Refresh, _buffers: list[bytes]) -> None:
        # Those with an underscore say what the widget is, which never changes.
        self.send_state([name for name in self.keys if not name.startswith("_") and name not in self.pages_know])

    def _send_bundle(self, _message: messages.Bundle, _buffers: list[bytes]) -> None:
        content = bundle.bundle_bytes()
        self.send({"kind": "bundle"}, [content] if content else [])


def output_mark(*, is_kept: bool) -> dict[str, Any]:
    """Return the metadata of an output: our extension of JupyterLab shows it in the place of a lost widget."""
    return {"teaching_nb": {} if is_kept else {"is_invitation": True}}


def sentence(error: BaseException, doing: str) -> str:
    """Return what went wrong as a sentence for the user, and write it into the log."""
    if isinstance(error, TeachingNbError):
        logger.info("%s: %s", doing, error)
        return f"{doing} did not work: {error}."
    logger.error("%s failed", doing, exc_info=error)
    return f"{doing} did not work, because of a mistake in teaching_nb ({type(error).__name__}: {error})."
