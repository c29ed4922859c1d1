"""What a message of a chat may be: a text that others can read. Pure.

The hub stores any data of most types. A message is said to others and not edited by those who read it, so that one that
is no text, or that fills a page, is refused. Other keys of other programs are stored with it.
"""

from __future__ import annotations

from typing import Any

from teaching_nb.errors import InvalidInput
from teaching_nb.schema import limits
from teaching_nb.schema.types.text_message import TYPE


def check_new(type_name: str, data: Any) -> None:
    """Raise `InvalidInput` for a message that cannot be said; one without a text may say something by another key."""
    if type_name != TYPE.name:
        return
    text = data.get("text", "") if isinstance(data, dict) else data
    if not isinstance(data, dict) or not isinstance(text, str):
        raise InvalidInput(f"a message of a chat has a text under 'text', not {text!r:.60}; send it as a text")
    if len(text) > limits.MESSAGE_CHARACTERS:
        raise InvalidInput(
            f"a message of a chat has at most {limits.MESSAGE_CHARACTERS} characters, not {len(text)}; send it in parts"
        )


def check_change(type_name: str, before: Any, after: Any) -> None:
    """Raise `InvalidInput` for a message that is made into one that cannot be said.

    What was stored before may stay as it is. `before` is a digest where a document is only remembered: the caller then
    reads it before anybody is refused.
    """
    is_kept = isinstance(before, dict) and isinstance(after, dict) and before.get("text") == after.get("text")
    if not is_kept:
        check_new(type_name, after)
