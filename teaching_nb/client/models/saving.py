"""What the user is told about saving, and what a refusal means. Pure; the one place for these sentences."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from teaching_nb.errors import (
    Forbidden,
    InternalError,
    NotConnected,
    NotFound,
    OperationalError,
    TeachingNbError,
    TooManyRequests,
    Unavailable,
)
from teaching_nb.schema import hub_kinds
from teaching_nb.schema.access import ACCESS_VALUES, Access, is_readable, is_writable, rank

SaveState = Literal["saved", "saving", "offline", "refused", "read-only"]
Consequence = Literal["retry", "read-only", "refused"]

READ_ONLY = "you may read this document, not change it"
NOT_SHARED = "your change stays in this notebook and is not saved"
NO_ACCESS = "you may not see this document"
ACCESS_ENDED = "your access to this document has ended; what you see is its last state"
DELETED = "this document has been deleted; what you see is its last state, and opening it again makes a new one"
NO_HUB = "there is no hub here: what you see is this notebook's own and is saved nowhere else"
CONNECTING = "connecting to the hub"
NOT_CONNECTED = "not connected to the hub"
NOT_HERE = "what the hub has is not here yet"
HERE_ONLY = "your last changes are in this notebook only"
TYPING = "what is being typed in a page is on its way to the hub"
KEPT = "your changes are kept and sent as soon as the hub can be reached"
UNMERGED = (
    "the same lines were changed elsewhere meanwhile: your version is in this notebook only, "
    "until you use it or keep the shared text"
)
CHOOSE = "compare `model.conflict.mine` and `.theirs`, then call `.use_mine()` or `.keep_theirs()` on it"
AGAIN = "assign it once more to try again, or give it up with `model.discard()`"
ASK = "ask your teacher to open it to you, or use another name"
ASK_STAFF = "ask whoever runs the hub, or use another name"
OF_OTHERS = "teachers see what people of their own groups have: ask whoever runs the hub for the group"
PUT_AWAY = "this document was put away in this notebook"
CLOSED = "the connection to the hub was closed"
FORKED = "this process is a copy of the one that is connected; call connect() here"

MOST_SHOWN = 60
"""Characters of a value in a sentence."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the save state of a document follows from."""

    is_live: bool = False
    """The connection to the hub is up."""
    is_loaded: bool = False
    """The hub has answered for this document at least once."""
    is_synced: bool = False
    """The document is in agreement with the hub on this connection."""
    access: Access | None = None
    is_unsaved: bool = False
    """This kernel holds changes that the hub has not acknowledged."""
    is_typing: bool = False
    """A page has edits that it sends to the hub itself, and that are not stored yet."""
    is_unmerged: bool = False
    """A version of the user's waits here that could not be merged with the hub's."""
    refusal: str = ""
    """Why the hub refuses this document; empty when it does not."""
    rejection: str = ""
    """Why the hub, or a limit, refuses the last changes; the next change may be taken."""
    awaited: str = ""
    """What has to happen before there is a document at all, such as a teacher's opening it."""
    trouble: str = ""
    """Why it does not work just now; empty when it does."""
    is_put_off: bool = False
    """The hub has said that this document cannot be opened for longer than anybody waits."""
    note: str = ""
    """Something to add when all is well, such as what a merge has replaced."""


def save_state(facts: Facts) -> tuple[SaveState, str]:
    """Return the state and the sentence that are true now."""
    if facts.refusal or facts.rejection:
        return "refused", _with(facts.refusal or facts.rejection, _not_shared(facts))
    if facts.access is not None and not is_readable(facts.access):
        return "refused", _with(NO_ACCESS, _not_shared(facts))
    if facts.trouble == NO_HUB:
        return "offline", NO_HUB
    if not facts.is_live or facts.trouble:
        kept = HERE_ONLY if facts.trouble in {CLOSED, FORKED} else KEPT
        return "offline", _with(facts.trouble or NOT_CONNECTED, _on_the_way(facts, kept))
    if facts.access is not None and not is_writable(facts.access):
        return "read-only", _with(facts.awaited or READ_ONLY, _not_shared(facts))
    if not facts.is_synced:
        return "offline", _with("asking the hub for this document", _on_the_way(facts, KEPT))
    if facts.is_unsaved:
        return "saving", "your changes are on their way to the hub"
    if facts.is_typing:
        return "saving", TYPING
    if facts.is_unmerged:
        return "refused", UNMERGED
    return "saved", _with("all changes are saved", facts.note)


def is_stored(facts: Facts) -> bool:
    """Tell whether the hub has acknowledged everything that this kernel had."""
    return facts.is_loaded and not facts.is_unsaved and not facts.is_unmerged


def is_answered(facts: Facts) -> bool:
    """Tell whether the hub has said something about the document, or will not for now: nobody is there."""
    is_away = not facts.is_live and facts.trouble not in {"", CONNECTING}
    return facts.is_loaded or bool(facts.refusal or facts.awaited) or facts.is_put_off or is_away


def is_hopeless(facts: Facts) -> bool:
    """Tell whether waiting longer changes nothing: the hub, or a limit, has refused, or there is no hub."""
    return facts.trouble == NO_HUB or save_state(facts)[0] in {"refused", "read-only"}


def hopeless_error(facts: Facts, message: str) -> TeachingNbError:
    """Return the error for whoever waits for what does not come: a refusal, or that there is no hub."""
    return NotConnected(message) if facts.trouble == NO_HUB else Forbidden(message)


def consequence(error: OperationalError) -> Consequence:
    """Return what a refusal means for the changes that were sent."""
    if isinstance(error, Forbidden):
        return "read-only"
    if isinstance(error, TooManyRequests | Unavailable | InternalError):
        return "retry"
    return "refused"


def sentence_of(error: OperationalError) -> str:
    """Return a refusal as a sentence for people."""
    if isinstance(error, NotFound):
        return words_of(error, "this document does not exist, or you may not see it")
    return words_of(error, f"the hub refuses: {error.message}")


def words_of(error: OperationalError, otherwise: str) -> str:
    """Return what is said of the school's backend, which is a sentence of its own; else `otherwise`."""
    return error.message if hub_kinds.BACKEND in error.message else otherwise


def refusal_of(error: OperationalError) -> str:
    """Return why a document is not opened, with what to do about it where that is a matter of access."""
    is_access = isinstance(error, Forbidden | NotFound) and error.extra.get("code") != hub_kinds.NEVER_OFFERED
    return _with(sentence_of(error), error.extra.get("advice", ASK) if is_access else "")


def why_not_saved(facts: Facts) -> str:
    """Return why changes are not saved, and what can be done about it in Python."""
    more = AGAIN if facts.rejection and not facts.refusal and facts.is_unsaved else ""
    return _with(save_state(facts)[1], CHOOSE if facts.is_unmerged else more)


def overruled_note(overruled: Iterable[tuple[str, Any]]) -> str:
    """Return what a merge of data has replaced with the user's values; nothing when it has not."""
    replaced = [f"{path or 'all'} was {_short(value)}" for path, value in overruled]
    return f"your change has replaced what was stored elsewhere meanwhile: {', '.join(replaced)}" if replaced else ""


def lowered(access: Access | None) -> Access:
    """Return the access that remains when writing is taken away: reading, in the same tier."""
    tier = 0 if access is None else rank(access) // 3
    return ACCESS_VALUES[tier * 3]


def ended(access: Access | None) -> Access:
    """Return the access that remains when reading is taken away: none, in the same tier."""
    tier = 0 if access is None else rank(access) // 3
    return ACCESS_VALUES[tier * 3 + 2]


def _on_the_way(facts: Facts, kept: str) -> str:
    here = "" if facts.is_loaded else NOT_HERE
    if facts.is_unsaved:
        return _with(here, kept) if here else kept
    if facts.is_unmerged:
        return UNMERGED
    return TYPING if facts.is_typing else here


def _not_shared(facts: Facts) -> str:
    if facts.is_unsaved:
        return NOT_SHARED
    return UNMERGED if facts.is_unmerged else ""


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]} …"


def _with(sentence: str, more: str) -> str:
    return f"{sentence}; {more}" if more else sentence
