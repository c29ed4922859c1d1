"""Send everything that the code of a run puts out into its `OutputLog` instead of the notebook cell that ran last.

Nothing is replaced for the time of a run but `input` and the file descriptors: the streams of ipykernel, which handlers
and libraries keep for good, its displays, results and errors ask once and for all whose code it is that writes. That is
known by context, also in threads and tasks that outlive the run. Works on the shell of ipykernel 6 and 7.
"""

from __future__ import annotations

import builtins
import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from teaching_nb.widgets import ipykernel_hooks
from teaching_nb.widgets.current_capture import CURRENT, pass_on_to_threads
from teaching_nb.widgets.descriptors import NUMBERS, Descriptors
from teaching_nb.widgets.interrupts import held_back
from teaching_nb.widgets.outputs import OutputLog, update_displays
from teaching_nb.widgets.shown_in import OutputWidgets, entered_log, follow_output_widgets

Ask = Callable[[str, bool], str]
"""Asks the user for a line, which is shown or hidden."""

HIDDEN = "········"
"""Stands for what was typed and must not be seen."""


class RunCapture:
    """What the code of one run puts out and asks for."""

    def __init__(self, log: OutputLog, ask: Ask) -> None:
        self._log = log
        self._ask = ask
        self._process = os.getpid()
        self._descriptors = Descriptors(log.write)
        self._widgets = OutputWidgets()

    def write(self, name: str, text: str) -> None:
        """Take text of standard output or error."""
        if os.getpid() != self._process:
            # A forked child has a copy of the log; its file descriptors lead to the real one.
            os.write(NUMBERS[name], text.encode(errors="replace"))
            return
        with held_back:
            self._shown_log().write(name, text)

    def descriptor(self, name: str) -> int | None:
        """Return the file descriptor whose text is taken, None where there is none."""
        return NUMBERS[name] if self._descriptors.are_taken else None

    def show(self, kind: str, content: dict[str, Any]) -> bool:
        """Take what is displayed or cleared; returns False where something is updated that no run shows."""
        with held_back:
            return self._show(kind, content)

    def result(self, content: dict[str, Any]) -> None:
        """Take the value of the last expression."""
        with held_back:
            self._shown_log().result(
                content["data"], metadata=content.get("metadata", {}), count=content["execution_count"]
            )

    def error(self, kind: type[BaseException], value: Any, traceback: list[str]) -> None:
        """Take an exception."""
        with held_back:
            self._shown_log().error(kind.__name__, str(value), traceback)

    def ask(self, prompt: str, *, is_secret: bool) -> str:
        """Ask the user for a line; prompt and answer stay in the output, as in a notebook."""
        answer = ""
        try:
            answer = self._ask(prompt, is_secret)
        finally:
            self.write("stdout", f"{prompt}{HIDDEN if is_secret and answer else answer}\n")
        return answer

    def enter(self, output: Any) -> None:
        """Show what follows in an Output widget."""
        self._widgets.enter(output)

    def leave(self, output: Any) -> None:
        """Show what follows where it was shown before."""
        self._widgets.leave(output)

    @contextmanager
    def around(self, shell: Any) -> Iterator[None]:
        """Take what runs inside."""
        _install(shell)
        token = CURRENT.set(self)
        with ExitStack() as undo:
            undo.callback(CURRENT.reset, token)
            for owner, name, value in (
                (builtins, "input", shell.kernel.raw_input),
                (getpass, "getpass", shell.kernel.getpass),
            ):
                undo.callback(setattr, owner, name, getattr(owner, name))
                setattr(owner, name, value)
            self._descriptors.take()
            undo.callback(self._descriptors.give_back)
            yield
            self._show_pages(shell)

    def _shown_log(self) -> OutputLog:
        # What a child or C code has written stands before what is written now.
        self._descriptors.drain()
        return entered_log() or self._log

    def _show(self, kind: str, content: dict[str, Any]) -> bool:
        log = self._shown_log()
        if kind == "clear_output":
            log.clear(wait=bool(content.get("wait")))
            return True
        data, metadata = content["data"], content.get("metadata", {})
        display_id = content.get("transient", {}).get("display_id")
        if kind == "update_display_data":
            return update_displays(display_id, data, metadata)
        log.display(data, metadata=metadata, display_id=display_id)
        return True

    def _show_pages(self, shell: Any) -> None:
        """Show what `name?` puts into a pager, and drop payloads that are meant for a notebook cell."""
        for payload in shell.payload_manager.read_payload():
            if payload.get("source") == "page":
                self._log.display({"text/plain": payload["data"].get("text/plain", "")}, metadata={})
        shell.payload_manager.clear_payload()


def _install(shell: Any) -> None:
    """Have everything asked whose it is, from now on."""
    if ipykernel_hooks.install(shell, CURRENT, update_displays):
        pass_on_to_threads()
        follow_output_widgets()
