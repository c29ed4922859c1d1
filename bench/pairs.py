"""A writer and a reader who share one text through one of the compared systems."""

from __future__ import annotations

import string
from dataclasses import dataclass

from browser import Person

_KEYS = string.ascii_lowercase + string.digits


@dataclass(frozen=True)
class Sample:
    """One keystroke, in milliseconds since the epoch."""

    pressed_at: float
    arrived_at: float | None

    @property
    def milliseconds(self) -> float | None:
        """How long it took, None when the text did not arrive in time."""
        return None if self.arrived_at is None else self.arrived_at - self.pressed_at


@dataclass
class Pair:
    """Two people with the same text before them; the first one types."""

    name: str
    writer: Person
    reader: Person
    typed: str = ""

    def align_clocks(self) -> list[float]:
        """Align both pages' clocks; returns by how many milliseconds they were off."""
        return [person.calibrate() for person in (self.writer, self.reader)]

    def type_key(self) -> Sample:
        """Type one key and wait until the reader's page shows it.

        The awaited text is all that was typed so far, so that no earlier state can be taken for it.
        """
        key = _KEYS[len(self.typed) % len(_KEYS)]
        self.typed += key
        self.reader.await_text(self.typed)
        self.writer.press(key)
        arrived_at = self.reader.text_arrived_at()
        return Sample(pressed_at=self.writer.key_pressed_at(), arrived_at=arrived_at)
