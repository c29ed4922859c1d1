"""Child processes: each with a log of its own, waited for with a limit, and ended by its own id."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self, TypeVar

from tests.harness.waiting import wait_until

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
START_SECONDS = 90.0
"""How long a process may take on a slow machine until it does what is waited for."""
STOP_SECONDS = 30.0
"""How long a process may take to end by itself."""

_END = "(the end)"


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment with this working copy, without the account's settings of ours, and `more`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TEACHING_NB_")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def run_module(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of this working copy, with `environment()`."""
    return [sys.executable, "-m", module, *arguments]


def is_running(pid: int) -> bool:
    """Tell whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def free_port() -> int:
    """Return a port of loopback that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """A child process; what it prints goes into a log, unless `stdout` says where else."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stdin: int = subprocess.DEVNULL,
        stdout: int | None = None,
    ) -> None:
        self.log = log
        with log.open("ab") as output:
            self._start_of_output = output.tell()
            self._child = subprocess.Popen(
                command,
                stdin=stdin,
                stdout=output if stdout is None else stdout,
                stderr=output,
                env=environment() if env is None else dict(env),
                cwd=cwd,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._child.pid

    @property
    def is_alive(self) -> bool:
        """Tell whether the process has not ended."""
        return self._child.poll() is None

    def output(self) -> str:
        """Return what is in the log of this process."""
        with self.log.open("rb") as file:
            file.seek(self._start_of_output)
            return file.read().decode(errors="replace")

    def wait_for(self, probe: Callable[[], T | None], what: str, timeout: float = START_SECONDS) -> T:
        """Return the first true result of `probe`; fails with the log when the process ends or takes too long."""

        def look() -> T | None:
            found = probe()
            assert found or self.is_alive, f"ended with {self._child.returncode} before: {what}"
            return found

        try:
            return wait_until(look, what, timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.output()[-4000:]}") from None

    def wait_for_line(self, beginning: str) -> str:
        """Return the rest of the first line of the log that begins so."""

        def find() -> str | None:
            whole = (line for line in self.output().splitlines(keepends=True) if line.endswith("\n"))
            return next((line.strip() for line in whole if line.startswith(beginning)), None)

        return self.wait_for(find, f"the line {beginning!r}").removeprefix(beginning)

    def wait_for_text(self, text: str) -> None:
        """Wait until the log contains a text."""
        self.wait_for(lambda: text in self.output(), repr(text))

    def wait_for_answer(self, url: str) -> None:
        """Wait until an HTTP server answers with success."""

        def ask() -> bool:
            try:
                with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - always http on loopback
                    return True
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                return False

        self.wait_for(ask, f"an answer of {url.partition('?')[0]}")

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Let the process do nothing meanwhile, as an overloaded machine would."""
        self.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.send_signal(signal.SIGCONT)

    def send_signal(self, number: int) -> None:
        """Send the process a signal."""
        self._child.send_signal(number)

    def close_stdin(self) -> None:
        """End the standard input of a process that was started with a pipe."""
        assert self._child.stdin is not None, "the process was started without a pipe"
        self._child.stdin.close()

    def wait(self) -> int:
        """Return the exit code of a process that ends by itself."""
        return self._ended(STOP_SECONDS)

    def kill(self) -> int:
        """End the process and what it started at once, as the end of its machine would."""
        if self.is_alive:
            os.killpg(self._child.pid, signal.SIGKILL)
        return self._ended(None)

    def stop(self) -> int:
        """Ask the process to end, kill it when it does not, and return its exit code."""
        if self.is_alive:
            self._child.terminate()
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            return self.kill()

    def _ended(self, timeout: float | None) -> int:
        code = self._child.wait(timeout)
        if self._child.stdin is not None:
            # What nobody reads any more cannot be flushed.
            with contextlib.suppress(BrokenPipeError):
                self._child.stdin.close()
        return code


class LineProcess(Process):
    """A process that is told what to do in lines, and answers in lines."""

    def __init__(self, command: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None) -> None:
        super().__init__(command, log=log, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def tell(self, line: str) -> None:
        """Send a line."""
        assert self._child.stdin is not None
        self._child.stdin.write(f"{line}\n".encode())
        self._child.stdin.flush()

    def hear(self, *beginnings: str, timeout: float = START_SECONDS) -> str:
        """Return the next line, or the next that begins with one of these."""
        while True:
            try:
                line = self._lines.get(timeout=timeout)
            except queue.Empty:
                raise AssertionError(f"no line {beginnings} within {timeout:g} s\n{self.output()[-4000:]}") from None
            assert line != _END, f"ended before a line {beginnings}\n{self.output()[-4000:]}"
            if line.startswith(beginnings or ""):
                return line

    def unheard(self) -> list[str]:
        """Return the lines that have come and nobody has asked for."""
        found = []
        while not self._lines.empty():
            found.append(self._lines.get())
        return [line for line in found if line != _END]

    def close(self) -> int:
        """End the standard input, on which the process ends by itself; return its exit code."""
        self.close_stdin()
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            return self.kill()

    def _read(self) -> None:
        assert self._child.stdout is not None
        with self._child.stdout as lines:
            for line in lines:
                self._lines.put(line.decode().rstrip("\n"))
        self._lines.put(_END)
