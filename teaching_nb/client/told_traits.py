"""Traits that hold what the hub tells: users read and observe them, and what they assign is refused.

Who keeps the object calls `set_trait`, or the gate of a model.
"""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Dict, Enum, Int, List, TraitError, Tuple, Unicode

MOST_SHOWN = 60
"""Characters of a value in an error."""


class _Told:
    """A trait that only the client sets."""

    name: str | None

    def __set__(self, obj: Any, value: Any) -> None:
        """Refuse an assignment."""
        raise TraitError(f"{self.name} cannot be {value!r:.{MOST_SHOWN}}: it says what the hub tells, and is only read")


class ToldText(_Told, Unicode[str, Any]):
    """A text that the hub tells."""


class ToldBool(_Told, Bool[bool, Any]):
    """What is so or not, by what the hub tells."""


class ToldInt(_Told, Int[int, Any]):
    """A number that the hub tells."""


class ToldEnum(_Told, Enum[Any]):
    """One of some words, by what the hub tells."""


class ToldTuple(_Told, Tuple):
    """Things that the hub tells of."""


class ToldTexts(_Told, List[str]):
    """Texts that the hub tells."""


class ToldDict(_Told, Dict):
    """Things that the hub tells of, by their names."""
