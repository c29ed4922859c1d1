"""The client as a process of its own, as in a kernel, which can be stopped, continued and killed.

Run as a program it connects with `TEACHING_NB_URL` and `TEACHING_NB_TOKEN`, and does what the lines on its standard
input say; each is answered by one line of JSON. `ClientProcess` is the other end.
"""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any, Self

from tests.harness.processes import LineProcess, environment, run_module

SECONDS = 90.0


class ClientProcess:
    """The process, seen from the test."""

    def __init__(self, url: str, token: str, document_id: str, log: Path) -> None:
        env = environment(TEACHING_NB_URL=url, TEACHING_NB_TOKEN=token)
        self._process = LineProcess(run_module("tests.faults.client_process", document_id), log=log, env=env)
        assert self.answer() == "ready"

    def ask(self, what: str, argument: Any = None) -> Any:
        """Have something done and return the answer."""
        self.tell(what, argument)
        return self.answer()

    def tell(self, what: str, argument: Any = None) -> None:
        """Have something done without waiting for it."""
        self._process.tell(json.dumps([what, argument]))

    def answer(self) -> Any:
        """Return the next answer."""
        return json.loads(self._process.hear())

    def answers(self) -> list[Any]:
        """Return the answers that have come and nobody has asked for."""
        return [json.loads(line) for line in self._process.unheard()]

    def stop(self) -> None:
        """Stop it, as a laptop that is closed stops everything."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.kill()


def main() -> None:
    """Do what a kernel does until standard input ends."""
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
