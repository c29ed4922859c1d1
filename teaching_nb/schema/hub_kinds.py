"""What may answer at the address of a hub: one of ours, or the school's existing backend."""

from __future__ import annotations

from typing import Final

TEACHING_NB: Final = "teaching-nb"
"""A hub of ours."""

TEACHING_API: Final = "teaching-api"
"""The existing backend: it knows neither live text nor revisions, and none of our other additions."""

NOT_OFFERED = "the school's backend does not offer this: it needs a hub of teaching_nb"
"""How the proxy refuses, and a page reads, what only a hub of ours can do."""
