"""What may answer at the address of a hub: one of ours, or the school's existing backend and what that lacks. Pure."""

from __future__ import annotations

import re
from typing import Final

TEACHING_NB: Final = "teaching-nb"
"""A hub of ours."""

TEACHING_API: Final = "teaching-api"
"""The existing backend: it knows neither live text nor revisions, and none of our other additions."""

BACKEND = "the school's backend"
"""What sentences about the existing backend call it."""

BACKEND_UNREACHABLE = "the school's backend cannot be reached: check TeachingNB.hub_url, or try again later"

NOT_OFFERED = "the school's backend does not offer this: it needs a hub of teaching_nb"

NEVER_OFFERED: Final = "NEVER_OFFERED"
"""Code of a refusal that nobody's permission changes."""

LIVE_TEXT: Final = "live-text"
"""An offer: texts that are merged letter by letter, and with them live cells of a notebook."""

DOCUMENT_LISTS: Final = "document-lists"
"""An offer: lists of what somebody has, for those who look after them."""

PRESENCE: Final = "presence"
"""An offer: whose teachers are told how many connections somebody has, without their observing anybody."""

SCORING: Final = "scoring"
"""An offer: quizzes are assessed, by what is right and nobody reads before."""

LACKING_AT_TEACHING_API: Final = (LIVE_TEXT, DOCUMENT_LISTS, PRESENCE, SCORING)
"""Offers that the existing backend does not have. It tells how many are in a room to those in it, and to admins, and
counts whoever has joined it, too."""

NO_LISTS = "the school's backend has no list of what somebody has: that needs a hub of teaching_nb"
NO_SCORING = "the school's backend does not score quizzes: that needs a hub of teaching_nb"
TOLD_TO_OBSERVERS = "the school's backend tells only of those whom you observe whether they are here"

_ONLY_OURS = re.compile(
    r"/(health|sync|rootNames|documents/main|openapi\.json|documents/[^/]+/(versions|assessment).*"
    r"|documentRoots/[^/]+/assessments|users/[^/]+/documents)/?",
    re.IGNORECASE,
)


def lacking(kind: str) -> tuple[str, ...]:
    """Return the offers that a kind of hub does not have. What is among them is neither offered nor asked for."""
    return LACKING_AT_TEACHING_API if kind == TEACHING_API else ()


def offers(kind: str, offer: str) -> bool:
    """Tell whether a kind of hub has what another one lacks."""
    return offer not in lacking(kind)


def is_only_ours(path: str) -> bool:
    """Tell whether a path below `/api/v1` is one that the existing backend does not have.

    It would answer as if the caller had no right.
    """
    return _ONLY_OURS.fullmatch(path) is not None
