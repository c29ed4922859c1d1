"""People with a kernel each who type numbered lines into one shared document of a hub.

A process of its own, so that it can be ended like a closed tab. Commands come as lines of JSON on stdin, every
one is answered by a line of JSON on stdout; `peers/yjs/writers.mjs` speaks the same.

    python kernel_writers.py '{"url": "http://…", "document": "…", "tokens": ["…"], "perSecond": 10}'
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from teaching_nb.client import Classroom, CodeModel, connect

WORDS = ("ash", "beech", "cedar", "elm", "fir", "hazel", "lime", "maple", "oak", "pine", "rowan", "yew")
COURSE = "faults"


class Writer:
    """One person: a connection of the client library, as a kernel has it, and a thread that types."""

    def __init__(self, number: int, options: dict[str, Any]) -> None:
        self._number = number
        self._pause = 1 / options["perSecond"]
        self._room: Classroom = connect(options["url"], options["tokens"][number], COURSE)
        model = self._room.document(options["document"], shared=True)
        assert isinstance(model, CodeModel)
        self._model = model
        self._lock = threading.Lock()
        self._edits: list[tuple[str, float]] = []
        self._confirmed = 0
        self._stopped = threading.Event()
        self._chance = random.Random()  # noqa: S311 - places to type at, no secret

    def type(self) -> None:
        """Begin to type."""
        self._stopped.clear()
        threading.Thread(target=self._type, daemon=True).start()

    def stop(self) -> None:
        """Type no more."""
        self._stopped.set()

    def look(self) -> dict[str, Any]:
        """Return what this person sees."""
        with self._lock:
            self._note_confirmed()
            is_saved = not self._model.has_unsaved
            return {
                "text": self._model.code,
                "typed": len(self._edits),
                "confirmed": self._confirmed,
                "isReady": self._model.is_loaded and self._room.is_live,
                "isSaved": is_saved,
                "notes": [] if is_saved else [self._model.save_detail],
            }

    def log(self) -> list[dict[str, Any]]:
        """Return everything that was typed."""
        with self._lock:
            return [
                {"word": word, "at": at, "isConfirmed": index < self._confirmed}
                for index, (word, at) in enumerate(self._edits)
            ]

    def _type(self) -> None:
        while not self._stopped.wait(self._pause * self._chance.uniform(0.5, 1.5)):
            with self._lock:
                self._note_confirmed()
                word = f"{self._chance.choice(WORDS)}.{self._number}.{len(self._edits) + 1}"
                self._model.edit(lambda text, word=word: self._inserted(text, word))  # type: ignore[misc]
                self._edits.append((word, time.time()))

    def _inserted(self, text: str, word: str) -> str:
        """Insert a line somewhere between the others."""
        place = text.find("\n", self._chance.randint(0, len(text))) + 1
        return f"{text[:place]}{word}\n{text[place:]}"

    def _note_confirmed(self) -> None:
        # Only this thread's lock holder edits, so everything typed so far is stored when nothing is unsaved.
        if self._model.is_loaded and not self._model.has_unsaved:
            self._confirmed = len(self._edits)


def main() -> None:
    """Answer commands until stdin ends."""
    options = json.loads(sys.argv[1])
    writers = [Writer(number, options) for number in range(len(options["tokens"]))]
    commands: dict[str, Callable[[Writer], Any]] = {
        "type": Writer.type,
        "stop": Writer.stop,
        "look": Writer.look,
        "log": Writer.log,
    }
    for line in sys.stdin:
        answer = [commands[json.loads(line)](writer) for writer in writers]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
