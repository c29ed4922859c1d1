"""What a message of a chat may be, and a comment: a text that others can read. Pure.

The hub stores any data of most types. What is said to others is not edited by those who read it, so that a message that
is no text, and what fills a page, is refused. Other keys of other programs are stored with it.
"""

from __future__ import annotations

from typing import Any

from teaching_nb.errors import InvalidInput
from teaching_nb.schema import limits, wire
from teaching_nb.schema.documents import live_text_keys
from teaching_nb.schema.types.quill_v2 import TYPE as COMMENT_TYPE
from teaching_nb.schema.types.text_message import TYPE

COMMENT = COMMENT_TYPE.name


def check_new(type_name: str, data: Any, *, is_in_thread: bool) -> None:
    """Raise `InvalidInput` for a message that cannot be said; one without a text may say something by another key."""
    if type_name != TYPE.name:
        check_comment(length_of_comment(type_name, data, is_in_thread=is_in_thread))
        return
    text = data.get("text", "") if isinstance(data, dict) else data
    if not isinstance(data, dict) or not isinstance(text, str):
        shown = wire.short_json(text)
        raise InvalidInput(f"a message of a chat has a text under 'text', not {shown}; send it as a text")
    if len(text) > limits.MESSAGE_CHARACTERS:
        raise InvalidInput(
            f"a message of a chat has at most {limits.MESSAGE_CHARACTERS} characters, not {len(text)}; send it in parts"
        )


def check_change(type_name: str, before: Any, after: Any, *, is_in_thread: bool) -> None:
    """Raise `InvalidInput` for a message or a comment that is made into one that cannot be said.

    What was stored before may stay as it is. `before` is a digest where a document is only remembered: the caller then
    reads it before anybody is refused.
    """
    if type_name != TYPE.name:
        length = length_of_comment(type_name, after, is_in_thread=is_in_thread)
        check_comment(length, before=length_of_comment(type_name, before, is_in_thread=True))
        return
    is_kept = isinstance(before, dict) and isinstance(after, dict) and before.get("text") == after.get("text")
    if not is_kept:
        check_new(type_name, after, is_in_thread=is_in_thread)


def check_comment(length: int, *, before: int = 0) -> None:
    """Raise `InvalidInput` for a comment of so many characters; one that had as many `before` may keep them."""
    if length > max(before, limits.MESSAGE_CHARACTERS):
        raise InvalidInput(
            f"a comment has at most {limits.MESSAGE_CHARACTERS} characters, not {length}; say it in several comments"
        )


def length_of_comment(type_name: str, data: Any, *, is_in_thread: bool) -> int:
    """Return how many characters a comment has; 0 for what is none.

    It lies in a thread, or names the thread that it belongs to.
    """
    if not isinstance(data, dict) or not (is_in_thread or names_thread(type_name, data.get("thread"))):
        return 0
    texts = [data.get(key) for key in live_text_keys(type_name)]
    return max([_length_of_delta(data.get("delta")), *(len(text) for text in texts if isinstance(text, str))])


def names_thread(type_name: str, thread: Any) -> bool:
    """Tell whether a document says what thread it belongs to, as comments do that do not lie in it."""
    return type_name == COMMENT and isinstance(thread, str)


def _length_of_delta(delta: Any) -> int:
    operations = delta.get("ops") if isinstance(delta, dict) else None
    if not isinstance(operations, list):
        return 0
    inserts = [each.get("insert") for each in operations if isinstance(each, dict)]
    # The end of the last line is none of what was said.
    return sum(len(each) if isinstance(each, str) else 1 for each in inserts) - 1
