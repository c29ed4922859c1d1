"""The one form of a path, in which it is judged and routed."""

from __future__ import annotations

from collections.abc import Iterable

from teaching_nb.hub.rest.refusals import FOR_ELEVATED, FOR_EVERYBODY
from teaching_nb.hub.rest.routes import Route


class Spelling:
    """How the words of all paths are spelled; the existing system compares them without regard to case."""

    def __init__(self, routes: Iterable[Route]) -> None:
        segments = {segment for route in routes for segment in route.path.split("/") if not segment.startswith("{")}
        self._words = {word.lower(): word for word in segments | FOR_EVERYBODY | FOR_ELEVATED}

    def canonical(self, path: str) -> str:
        """Return a decoded path without empty segments, and below `/api/v1` with its words as the routes have them.

        Dots are names like all others.
        """
        # A pattern of Starlette's ends before a line feed, too; what is judged must be what is routed.
        parts = [part for part in path.removesuffix("\n").split("/") if part]
        if len(parts) > 1 and parts[0].lower() == "api" and parts[1].lower() == "v1":
            parts[2:] = [self._words.get(part.lower(), part) for part in parts[2:]]
            parts[:2] = "api", "v1"
        return "/" + "/".join(parts)
