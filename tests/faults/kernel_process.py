"""A kernel as a process of its own, which can be stopped, continued and killed.

Run as a program it connects with `TEACHING_NB_URL` and `TEACHING_NB_TOKEN`, and does what the lines on its standard
input say; each is answered by one line of JSON. `Kernel` is the other end.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
SECONDS = 90.0


class Kernel:
    """The process, seen from the test."""

    def __init__(self, url: str, token: str, document_id: str) -> None:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("TEACHING_NB_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.kernel_process", document_id],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**clean, "TEACHING_NB_URL": url, "TEACHING_NB_TOKEN": token},
        )
        self._answers: queue.Queue[Any] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        assert self.answer() == "ready"

    def ask(self, what: str, argument: Any = None) -> Any:
        """Have something done and return the answer."""
        self.tell(what, argument)
        return self.answer()

    def tell(self, what: str, argument: Any = None) -> None:
        """Have something done without waiting for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([what, argument]) + "\n")
        self._process.stdin.flush()

    def answer(self, timeout: float = SECONDS) -> Any:
        """Return the next answer."""
        return self._answers.get(timeout=timeout)

    def answers(self) -> list[Any]:
        """Return the answers that have come and nobody has asked for."""
        found = []
        while not self._answers.empty():
            found.append(self._answers.get())
        return found

    def stop(self) -> None:
        """Stop it, as a laptop that is closed stops everything."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._process.kill()
        self._process.wait(SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.kill()
        assert self._process.stdin is not None
        self._process.stdin.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout:
            for line in self._process.stdout:
                self._answers.put(json.loads(line))


def main() -> None:
    """Be a kernel until standard input ends."""
    from teaching_nb import client
    from teaching_nb.client.link import backoff

    # So that a test need not wait for as long as people may.
    backoff.LONGEST_SECONDS = 0.5
    room = client.connect()
    model = room.open_document(sys.argv[1])
    assert isinstance(model, client.CodeModel)
    model.wait_loaded(SECONDS)
    _say("ready")
    for line in sys.stdin:
        what, argument = json.loads(line)
        _say(_done(model, what, argument))


def _done(model: Any, what: str, argument: Any) -> Any:
    if what == "append":
        model.code += argument
        return [model.save_state, model.save_detail]
    if what == "append many":
        for word in argument:
            model.code += f"{word}\n"
            model.wait_saved(SECONDS)
            _say(word)
        return "all"
    if what == "wait saved":
        return model.wait_saved(SECONDS)
    if what == "state":
        return [model.save_state, model.save_detail]
    assert what == "text"
    return model.code


def _say(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
