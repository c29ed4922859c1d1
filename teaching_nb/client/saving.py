"""What the user is told about saving, and what a refusal means. Pure; the one place for these sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from teaching_nb.errors import Forbidden, InternalError, NotFound, OperationalError, TooManyRequests, Unavailable
from teaching_nb.schema.access import ACCESS_VALUES, Access, is_readable, is_writable, rank

SaveState = Literal["saved", "saving", "offline", "refused", "read-only"]
Consequence = Literal["retry", "read-only", "refused"]

READ_ONLY = "you may read this document, not change it"
NOT_SHARED = "your change stays in this notebook and is not saved"
NO_ACCESS = "you may not see this document"
ACCESS_ENDED = "your access to this document has ended; what you see is its last state"
DELETED = "this document has been deleted; what you see is its last state"
NOT_CONNECTED = "not connected to the hub"
HERE_ONLY = "your last changes are in this notebook only"
TYPING = "what is being typed in a page is on its way to the hub"
KEPT = "your changes are kept and sent as soon as the hub can be reached"
PUT_AWAY = "this document was put away in this notebook"
CLOSED = "the connection to the hub was closed"
FORKED = "this process is a copy of the one that is connected; call connect() here"


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
    refusal: str = ""
    """Why the hub refuses this document; empty when it does not."""
    rejection: str = ""
    """Why the hub, or a limit, refuses the last changes; the next change may be taken."""
    trouble: str = ""
    """Why it does not work just now; empty when it does."""
    note: str = ""
    """Something to add when all is well, such as a merge with two versions."""


def save_state(facts: Facts) -> tuple[SaveState, str]:
    """Return the state and the sentence that are true now."""
    if facts.refusal or facts.rejection:
        return "refused", _with(facts.refusal or facts.rejection, NOT_SHARED if facts.is_unsaved else "")
    if facts.access is not None and not is_readable(facts.access):
        return "refused", _with(NO_ACCESS, NOT_SHARED if facts.is_unsaved else "")
    if not facts.is_live or facts.trouble:
        kept = HERE_ONLY if facts.trouble in {CLOSED, FORKED} else KEPT
        return "offline", _with(facts.trouble or NOT_CONNECTED, _on_the_way(facts, kept))
    if facts.access is not None and not is_writable(facts.access):
        return "read-only", _with(READ_ONLY, NOT_SHARED if facts.is_unsaved else "")
    if not facts.is_synced:
        return "offline", _with("asking the hub for this document", _on_the_way(facts, KEPT))
    if facts.is_unsaved:
        return "saving", "your changes are on their way to the hub"
    if facts.is_typing:
        return "saving", TYPING
    return "saved", _with("all changes are saved", facts.note)


def is_stored(facts: Facts) -> bool:
    """Tell whether the hub has acknowledged everything that this kernel had."""
    return facts.is_loaded and not facts.is_unsaved


def is_hopeless(facts: Facts) -> bool:
    """Tell whether waiting longer changes nothing: the hub, or a limit, has refused."""
    return save_state(facts)[0] in {"refused", "read-only"}


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
        return "this document does not exist, or you may not see it"
    return f"the hub refuses: {error.message}"


def lowered(access: Access | None) -> Access:
    """Return the access that remains when writing is taken away: reading, in the same tier."""
    tier = 0 if access is None else rank(access) // 3
    return ACCESS_VALUES[tier * 3]


def ended(access: Access | None) -> Access:
    """Return the access that remains when reading is taken away: none, in the same tier."""
    tier = 0 if access is None else rank(access) // 3
    return ACCESS_VALUES[tier * 3 + 2]


def _on_the_way(facts: Facts, kept: str) -> str:
    if facts.is_unsaved:
        return kept
    return TYPING if facts.is_typing else ""


def _with(sentence: str, more: str) -> str:
    return f"{sentence}; {more}" if more else sentence
