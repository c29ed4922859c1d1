"""Who says what a chat is called: whoever has made it, and elevated people. Pure.

Those who take part in a chat may write its document, so that they can put messages below it. The existing system's
clients leave the name of a chat to staff; here no program of a student changes it.
"""

from __future__ import annotations

from typing import Any

from teaching_nb.errors import Forbidden
from teaching_nb.hub.actors import Actor

CHAT = "simple_chat"

NOT_YOURS = "what a chat is called is said by whoever has made it, or by a teacher"


def check_change(actor: Actor, author_id: str, type_name: str, before: Any, after: Any) -> None:
    """Raise `Forbidden` for a change of the name of a chat that somebody else has made.

    `before` is a digest where a document is only remembered: the caller then reads it before anybody is refused.
    """
    if actor.is_elevated or type_name != CHAT or actor.user_id == author_id:
        return
    if isinstance(before, bytes) or _name(before) != _name(after):
        raise Forbidden(NOT_YOURS)


def _name(data: Any) -> Any:
    return data.get("name", "") if isinstance(data, dict) else ""
