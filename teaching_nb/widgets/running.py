"""Run the code of a live cell in the user's own namespace, on the main thread, behind what runs already."""

from __future__ import annotations

import _thread
import asyncio
import linecache
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import FrameType
from typing import Any

from IPython import get_ipython

from teaching_nb.errors import InvalidInput
from teaching_nb.widgets import ipykernel_hooks
from teaching_nb.widgets.asking import Question
from teaching_nb.widgets.capture import RunCapture
from teaching_nb.widgets.interrupts import held_back
from teaching_nb.widgets.live_link import Send
from teaching_nb.widgets.outputs import OutputLog, Step
from teaching_nb.widgets.pacer import pacer


@dataclass(eq=False)
class Run:
    """One press of the Run button."""

    id: str
    code: str
    state: str = "queued"
    """queued, running or done."""
    status: str = ""
    """How it ended: ok, error, interrupted or cancelled."""
    count: int | None = None
    """The number of the execution, as in `In [3]`."""
    log: OutputLog = field(default_factory=OutputLog)
    question: Question | None = None
    """What the code asks the user, and waits for."""
    asking: threading.Lock = field(default_factory=threading.Lock)
    """Threads of the code ask one after the other."""
    stop: Callable[[], object] | None = None
    """Cancels an awaiting run; None while plain code runs."""
    is_interruptible: bool = False
    is_interrupted: bool = False


class Runner:
    """The runs of one widget, at most one at a time."""

    def __init__(self, send: Send, report: Callable[[BaseException, str], None], comm_id: Callable[[], str]) -> None:
        self._send = send
        self._report = report
        self._comm_id = comm_id
        self._lock = threading.RLock()
        self._run: Run | None = None
        self._number = 0

    def start(self, run_id: str, code: str) -> None:
        """Queue code behind what the main thread does; ignored while this widget's last run goes on."""
        shell: Any = get_ipython()
        if getattr(shell, "kernel", None) is None:
            raise InvalidInput("there is no kernel to run code in")
        with self._lock:
            if self._run is not None and self._run.state != "done":
                return
            run = self._run = Run(run_id, code)
            run.log = OutputLog(partial(pacer.request, run, partial(self._flush, run)))
        self._tell(run, [{"op": "clear"}])
        ipykernel_hooks.queue(shell.kernel, partial(self._take_turn, shell, run))

    def interrupt(self, run_id: str) -> None:
        """Stop a run: one that waits is taken back, one that runs gets a KeyboardInterrupt."""
        with self._lock:
            run = self._run
            if run is None or run.id != run_id or run.state == "done":
                return
            if run.state == "queued":
                self._finish(run, "cancelled")
                return
            if run.question is not None:
                run.question.interrupt()
            if run.is_interruptible:
                run.is_interrupted = True
                # What waits for an answer on the main thread ends by that.
                if run.question is None or not run.question.is_of_main_thread:
                    # A signal would hit the message handler when an awaiting run has left it the main thread.
                    (run.stop or _interrupt_main_thread)()

    def answer(self, run_id: str, number: int, value: str) -> None:
        """Take what a user has typed; of several pages the first one counts."""
        with self._lock:
            question = self._run.question if self._run is not None and self._run.id == run_id else None
            if question is not None and question.number == number:
                question.answer(value)

    def clear(self) -> None:
        """Remove the shown output."""
        run = self._run
        if run is not None:
            run.log.clear()
            self._flush(run)

    def show_all(self) -> None:
        """Send the whole output again, for a page that was opened late or missed something."""
        run = self._run
        if run is not None:
            with self._lock:
                self._tell(run, run.log.take_all())

    async def _take_turn(self, shell: Any, run: Run) -> None:
        try:
            async with ipykernel_hooks.turn(shell.kernel):
                if run.state == "queued":
                    await self._execute(shell, run)
        except KeyboardInterrupt:  # pressed when the code had just ended
            self._finish(run, "interrupted")
        except Exception as error:  # noqa: BLE001 - the edge: the kernel's loop would only log it
            self._report(error, "running this cell")
            self._finish(run, "error")

    async def _execute(self, shell: Any, run: Run) -> None:
        run.state = "running"
        self._flush(run)
        with RunCapture(run.log, partial(self._ask, shell, run)).around(shell):
            result = await _run_code(shell, run)
        run.count = shell.execution_count - 1
        self._finish(run, _status(run, result))

    def _ask(self, shell: Any, run: Run, prompt: str, is_secret: bool) -> str:  # noqa: FBT001 - as `capture.Ask` says
        with _held(run.asking):
            question = Question(prompt, is_secret=is_secret)
            run.question = question
            try:
                self._flush(run)
                ipykernel_hooks.wait_for(shell.kernel, question.is_answered, self._comm_id())
                return question.result()
            finally:
                run.question = None
                self._flush(run)

    def _finish(self, run: Run, status: str) -> None:
        run.state, run.status = "done", status
        self._flush(run)

    def _flush(self, run: Run) -> int:
        """Send what a run has put out; what an earlier one goes on to put out is shown nowhere any more."""
        with held_back, self._lock:
            if run is not self._run:
                return 0
            steps = run.log.take_steps()
            self._tell(run, steps)
            return len(str(steps))

    def _tell(self, run: Run, steps: list[Step]) -> None:
        with self._lock:
            self._number += 1
            state = {"run": run.id, "state": run.state, "status": run.status, "count": run.count}
            question = run.question.told() if run.question is not None else None
            self._send({"kind": "run", "number": self._number, "steps": steps, "question": question, **state})


def _status(run: Run, result: Any) -> str:
    if result.success:
        return "ok"
    return "interrupted" if run.is_interrupted or isinstance(result.error_in_exec, KeyboardInterrupt) else "error"


async def _run_code(shell: Any, run: Run) -> Any:
    """Run as ipykernel runs a cell; returns IPython's ExecutionResult."""
    transformed = _transformed(shell, run.code)
    if not shell.should_run_async(run.code, transformed_cell=transformed):
        with _interruptible(run):
            return shell.run_cell(run.code, store_history=True)
    task = asyncio.ensure_future(shell.run_cell_async(run.code, store_history=True, transformed_cell=transformed))
    run.stop = partial(asyncio.get_running_loop().call_soon_threadsafe, task.cancel)
    result = None
    try:
        with _interruptible(run):
            result = await task
        return result
    finally:
        run.stop = None
        shell.events.trigger("post_execute")
        shell.events.trigger("post_run_cell", result)


def _transformed(shell: Any, code: str) -> str:
    try:
        return str(shell.transform_cell(code))
    except Exception:  # noqa: BLE001 - any mistake in the code; run_cell meets it again and shows it
        return code


def run_here(code: str, name: str) -> None:
    """Run code in the caller's thread and the user's namespace, magics included; tracebacks show it under `name`."""
    shell: Any = get_ipython()
    namespace = vars(sys.modules["__main__"]) if shell is None else shell.user_ns
    source = code if shell is None else str(shell.transform_cell(code))
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    # The text is no part of this module, and its annotations are not put off as those here are.
    exec(compile(source, name, "exec", dont_inherit=True), namespace)  # noqa: S102 - the user asks for it, as with `%run`


@contextmanager
def _interruptible(run: Run) -> Iterator[None]:
    """Let SIGINT reach the code: outside of cells ipykernel ignores it."""

    def cancel(_number: int, _frame: FrameType | None) -> None:
        run.is_interrupted = True
        if run.question is not None:
            run.question.interrupt()
        if run.stop is not None:
            run.stop()

    # Python's own handler leaves no frame of ours in the traceback.
    before = signal.signal(signal.SIGINT, signal.default_int_handler if run.stop is None else cancel)
    run.is_interruptible = True
    try:
        yield
    finally:
        run.is_interruptible = False
        signal.signal(signal.SIGINT, before)


@contextmanager
def _held(lock: threading.Lock) -> Iterator[None]:
    # In steps: a thread that waits for a lock without an end cannot be interrupted everywhere.
    while not lock.acquire(timeout=0.1):
        pass
    try:
        yield
    finally:
        lock.release()


def _interrupt_main_thread() -> None:
    if sys.platform == "win32":
        _thread.interrupt_main()
        return
    # A real signal, to the main thread: it ends a time.sleep, which interrupt_main does not.
    main = threading.main_thread().ident
    assert main is not None
    signal.pthread_kill(main, signal.SIGINT)
