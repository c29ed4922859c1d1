"""What may answer at the address of a hub: one of ours, or the school's existing backend and what that lacks. Pure."""

from __future__ import annotations

import re
from typing import Final

TEACHING_NB: Final = "teaching-nb"
"""A hub of ours."""

TEACHING_API: Final = "teaching-api"
"""The existing backend: it knows neither live text nor revisions, and none of our other additions."""

NOT_OFFERED = "the school's backend does not offer this: it needs a hub of teaching_nb"

NEVER_OFFERED: Final = "NEVER_OFFERED"
"""Code of a refusal that nobody's permission changes."""

_ONLY_OURS = re.compile(
    r"/(health|sync|rootNames|documents/main|openapi\.json|documents/[^/]+/(versions|assessment).*"
    r"|documentRoots/[^/]+/assessments|users/[^/]+/documents)/?",
    re.IGNORECASE,
)


def is_only_ours(path: str) -> bool:
    """Tell whether a path below `/api/v1` is one that the existing backend does not have.

    It would answer as if the caller had no right.
    """
    return _ONLY_OURS.fullmatch(path) is not None
