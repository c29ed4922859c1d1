"""What somebody has said stays theirs: messages of a chat, and texts of comments, are changed by their authors alone.

Whoever takes part in a conversation may write below its root, which is how they say something. That must not let them
put words into somebody else's mouth, nor delete what others have put below what is theirs. Elevated people may.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import or_, select

from teaching_nb.errors import Forbidden
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.store.tables import documents
from teaching_nb.schema.removal import OTHERS_BELOW, THREAD, takes_of_others

MESSAGE = "text_message"

NOT_YOURS = "only whoever has said this can change it"

_threads = documents.alias("threads")
in_thread = (
    select(_threads.c.id).where(_threads.c.id == documents.c.parent_id, _threads.c.type == THREAD).exists()
).label("is_in_thread")
"""Whether a document lies below a thread of comments."""

is_said = or_(documents.c.type == MESSAGE, in_thread.element).label("is_said")
"""Whether a document is what somebody has said."""


def check_change(actor: Actor, author_id: str, type_name: str, *, is_in_thread: bool, on_behalf_of: bool) -> None:
    """Raise `Forbidden` for a change of what somebody else has said, unless it is made for them."""
    is_for_them = actor.user_id == author_id or (on_behalf_of and actor.is_elevated)
    if not is_for_them and (type_name == MESSAGE or is_in_thread):
        raise Forbidden(NOT_YOURS)


def check_removal(actor: Actor, removed: Any, below: Iterable[Any]) -> None:
    """Raise `Forbidden` when what others have made would go with a document (rows)."""
    if not actor.is_elevated and takes_of_others(removed, below, actor.user_id):
        raise Forbidden(OTHERS_BELOW)
