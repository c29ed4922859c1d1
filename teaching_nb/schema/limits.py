"""Limits of every hop, in one place. Checked before sending, refused with the value and the limit."""

from __future__ import annotations

from teaching_nb.errors import TooLarge

SOCKET_MESSAGE_BYTES = 1_000_000
"""Largest Socket.IO packet; announced as `maxPayload`."""

TRANSPORT_MESSAGE_BYTES = 8_000_000
"""Largest WebSocket message that relay and clients accept from the hub: a synced document with its history."""

REST_BODY_BYTES = 5_000_000
"""Largest body of a REST request."""

KERNEL_MESSAGE_BYTES = 10_000_000
"""Largest message from a page to a kernel. The Jupyter server ends the connection a little above that."""

JSON_DEPTH = 200
"""Levels of lists and objects within each other in the data of a document, and in all else that is passed on."""

LIVE_TEXT_BYTES = 1_000_000
"""Largest `data` of a live document, as JSON."""

FORMATTED_TEXT_BYTES = 100_000
"""Longest text that has another form, such as Markdown; hub, kernel and page read all of it again and again."""

LIVE_UPDATE_BYTES = 950_000
"""Largest single live-text update; leaves room for the packet around it."""

INLINE_BYTES = 2_000
"""Updates and cursors up to this size travel as base64 in their event, in one frame, with a page that asks for it.

As Socket.IO's attachment they are a second frame, which a browser sends only when the work on the key is done.
"""

AWARENESS_BYTES = 4_000
"""Largest awareness state."""

AWARENESS_PER_SECOND = 20
"""Awareness messages that the hub relays per socket and second; more are dropped."""

ROOMS_PER_SOCKET = 500
"""Rooms and live documents that one socket may be in by its own request."""

SOCKETS_PER_USER = 50
"""Connections of one user at the same time."""

USER_DOCUMENTS = 2_000
"""Documents of one student."""

USER_BYTES = 50_000_000
"""What the documents of one student hold, with the logs of live ones."""

USER_ROOTS = 2_000
"""Document roots that one student has made."""

DOCUMENTS_PER_HOUR = 1_000
"""New documents of one student."""

ROOTS_PER_HOUR = 500
"""New document roots of one student."""

ROOT_DOCUMENTS = 10_000
"""Documents below one root."""

ROOT_BYTES = 500_000_000
"""What the documents below one root hold, without the logs of live ones."""

MESSAGE_CHARACTERS = 10_000
"""Longest message of a chat."""

UPDATE_PARTS = 5_000
"""Insertions and deleted ranges in one live-text update; so many take each client some milliseconds."""

ROOT_NAMES = 5_000
"""Slugs that are told at once, those below which something changed last; so many nobody looks through."""

LISTED_CHARACTERS = 2_000
"""Longest data that a list tells of a document, as JSON: an overview says it in a few words."""


def check_size(what: str, size: int, limit: int) -> None:
    """Raise `TooLarge` when `size` bytes of `what` are above `limit`."""
    if size > limit:
        raise TooLarge(f"{what} has {size} bytes, the limit is {limit}")
