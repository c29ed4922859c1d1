"""Offers the slugs of the course where a notebook names a document: `tnb.task("…`, `room.document("…`.

A matcher of IPython's completer, put there by `%load_ext teaching_nb`. It runs on the kernel's main thread while
somebody types: it looks at names of the notebook, never into objects of others, and never asks anybody.
"""

from __future__ import annotations

import contextlib
import io
import keyword
import logging
import re
import sys
import tokenize
from collections.abc import Mapping
from types import FunctionType, ModuleType
from typing import Any

from teaching_nb.client.classroom import Classroom
from teaching_nb.schema.documents import calls
from teaching_nb.widgets import default_classroom

logger = logging.getLogger(__name__)

IDENTIFIER = "teaching_nb.slugs"
PRIORITY = 100
"""Above all of IPython's: in the name of a document, names of files are of no use."""

_OF_ROOM = frozenset({"document", "documents_below"})
_PACKAGE = __name__.partition(".")[0]
_BEGUN = re.compile(r"""[rRuU]?(?P<quote>"|')(?P<slug>[^"'\\\n]*)\Z""")
_BLANK = frozenset({tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER})


def load(shell: Any) -> None:
    """Offer slugs in a shell, and have the hub asked for them; twice is once."""
    completer = getattr(shell, "Completer", None)
    if completer is None:
        return
    unload(shell)
    completer.custom_matchers.append(_matcher(shell))
    default_classroom.on_connected(_refresh)


def unload(shell: Any) -> None:
    """Offer them no more."""
    completer = getattr(shell, "Completer", None)
    if completer is not None:
        present = completer.custom_matchers
        present[:] = [one for one in present if getattr(one, "matcher_identifier", "") != IDENTIFIER]
    default_classroom.on_connected(None)


def begun_slug(text: str, namespace: Mapping[str, Any]) -> tuple[Classroom | None, str] | None:
    """Return whose documents are meant, and the beginning of a slug, when `text` ends inside the name of a document.

    The classroom is None for that of this kernel. The answer is None when the text ends anywhere else.
    """
    begun = _BEGUN.search(text)
    called = _called(text[: begun.start()]) if begun else []
    if begun is None or not called:
        return None
    found = namespace.get(called[0])
    if len(called) == 1:
        return (None, begun["slug"]) if _is_call(found) else None
    if isinstance(found, Classroom):
        return (found, begun["slug"]) if called[1] in _OF_ROOM else None
    is_package = isinstance(found, ModuleType) and found is sys.modules.get(_PACKAGE)
    return (None, begun["slug"]) if is_package and called[1] in {*calls(), "document"} else None


def _called(text: str) -> list[str]:
    """Return the parts of the name that is called where `text` ends in `name(` or `one.name(`; none elsewhere."""
    words = ["", "", "", "", *_words(text)]
    before, last = words[:-1], words[-1]
    if last != "(" or not before[-1].isidentifier() or keyword.iskeyword(before[-1]):
        return []
    if before[-2] != ".":
        return [before[-1]]
    is_of_name = before[-3].isidentifier() and before[-4] != "."
    return [before[-3], before[-1]] if is_of_name else []


def _words(text: str) -> list[str]:
    """Return the tokens of code, as far as it is whole; a comment or a text that has no end is no bracket."""
    words: list[str] = []
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        words.extend(
            token.string for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type not in _BLANK
        )
    return words


def _is_call(found: Any) -> bool:
    """Tell whether something is one of the functions that show a document, or `document`."""
    is_ours = isinstance(found, FunctionType) and found.__module__.startswith(f"{_PACKAGE}.widgets.")
    return is_ours and found.__name__ in {*calls(), "document"}


def _matcher(shell: Any) -> Any:
    # Not where the module is imported: whoever reads what it decides needs no completer.
    from IPython.core.completer import SimpleCompletion, context_matcher

    nothing: dict[str, Any] = {"completions": [], "suppress": False}

    @context_matcher(identifier=IDENTIFIER, priority=PRIORITY)
    def slugs(context: Any) -> dict[str, Any]:
        try:
            lines = context.full_text.split("\n")[: context.cursor_line]
            begun = begun_slug("\n".join([*lines, context.text_until_cursor]), shell.user_ns)
            if begun is None:
                return dict(nothing)
            room, start = begun
            fitting = _slugs_of(room or default_classroom.present(), start)
        except Exception:
            # IPython would print a traceback into the notebook of whoever types.
            logger.exception("slugs could not be completed")
            return dict(nothing)
        completions = [SimpleCompletion(text=slug, type="slug") for slug in fitting]
        return {"completions": completions, "matched_fragment": start, "suppress": bool(completions), "ordered": True}

    return slugs


def _slugs_of(room: Classroom | None, start: str) -> list[str]:
    if room is None or room.is_closed:
        return []
    room.slugs.refresh()
    return [slug for slug in room.slugs.known() if slug.startswith(start)]


def _refresh(room: Classroom) -> None:
    room.slugs.refresh()
