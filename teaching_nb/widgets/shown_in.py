"""What code puts out inside of `with ipywidgets.Output():`, while it runs in a live cell.

A front end collects that by the message of the cell that runs, and a live cell has none. So it is put into the
widget's `outputs` from here, which every front end draws.
"""

from __future__ import annotations

import threading
from contextvars import ContextVar
from typing import Any

from ipywidgets import Output

from teaching_nb.widgets.current_capture import CURRENT
from teaching_nb.widgets.interrupts import held_back
from teaching_nb.widgets.outputs import OutputLog
from teaching_nb.widgets.pacer import pacer

_enter, _exit = Output.__enter__, Output.__exit__
_entered: ContextVar[tuple[ShownIn, ...]] = ContextVar("teaching_nb_shown_in", default=())
_FORMATS = {"display": "display_data", "result": "execute_result", "error": "error", "stream": "stream"}


class ShownIn:
    """One Output widget with what is shown in it."""

    def __init__(self, output: Any) -> None:
        self.output = output
        self.log = OutputLog(self._request)
        self._is_seeding = True
        for shown in output.outputs:
            _seed(self.log, shown)
        # The log tells of a change once until somebody looks.
        self.log.take_all()
        self._is_seeding = False
        self._has_news = False
        """Something has been put out that the widget does not show yet."""
        self._told = output.outputs
        self._lock = threading.Lock()

    @property
    def is_current(self) -> bool:
        """Tell whether the widget shows what this has put there, and nobody else has changed it since."""
        return self.output.outputs is self._told

    def flush(self) -> int:
        """Show what there is now; where that is shown already, others may have gone on from there."""
        with held_back, self._lock:
            if not self._has_news:
                return 0
            self._has_news = False
            outputs = [_as_nbformat(shown) for shown in self.log.take_all()[0]["outputs"] if shown.get("text") != ""]
            self.output.outputs = tuple(outputs)
            self._told = self.output.outputs
            return sum(len(str(shown)) for shown in outputs)

    def _request(self) -> None:
        if not self._is_seeding:
            self._has_news = True
            pacer.request(self, self.flush)


class OutputWidgets:
    """The Output widgets that the code of one run has used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, ShownIn] = {}

    def enter(self, output: Any) -> None:
        """Show in this widget what the present thread or task puts out."""
        with held_back, self._lock:
            shown = self._known.get(output.model_id)
            is_open = shown is not None and any(entered is shown for entered in _entered.get())
            if shown is None or not (is_open or shown.is_current):
                shown = self._known[output.model_id] = ShownIn(output)
        _entered.set((*_entered.get(), shown))

    def leave(self, output: Any) -> None:
        """Show what follows where it was shown before."""
        entered = _entered.get()
        if entered and entered[-1].output is output:
            entered[-1].flush()
            _entered.set(entered[:-1])


def entered_log() -> OutputLog | None:
    """Return what takes the place of the run's own outputs at the moment."""
    entered = _entered.get()
    return entered[-1].log if entered else None


def follow_output_widgets() -> None:
    """Have runs told when their code enters and leaves an Output widget; it may be called twice."""
    Output.__enter__, Output.__exit__ = _enter_and_tell, _exit_and_tell


def _enter_and_tell(output: Output) -> Any:
    entered = _enter(output)
    capture = CURRENT.get()
    if capture is not None:
        capture.enter(output)
    return entered


def _exit_and_tell(output: Output, *error: Any) -> Any:
    try:
        return _exit(output, *error)
    finally:
        capture = CURRENT.get()
        if capture is not None:
            capture.leave(output)


def _seed(log: OutputLog, shown: dict[str, Any]) -> None:
    kind = shown.get("output_type")
    if kind == "stream":
        log.write(shown["name"], _text(shown["text"]))
    elif kind == "error":
        log.error(shown["ename"], shown["evalue"], shown["traceback"])
    elif "data" in shown:
        log.display(shown["data"], metadata=shown.get("metadata", {}))


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


def _as_nbformat(shown: dict[str, Any]) -> dict[str, Any]:
    kind = _FORMATS.get(shown["type"])
    if kind is None:
        return {"output_type": "stream", "name": "stderr", "text": f"{shown['text']}\n"}
    content = {key: value for key, value in shown.items() if key not in {"id", "type", "count"}}
    counted = {"execution_count": shown["count"]} if kind == "execute_result" else {}
    return {"output_type": kind, **content, **counted}
