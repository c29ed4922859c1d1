"""What kernel and hub say to people is known to the page's catalogues, and these know nothing that nobody says."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from teaching_nb.client.documents import chat_rooms, sharing
from teaching_nb.client.link import arrival, backend_main
from teaching_nb.client.models import chat_rooms as named_rooms
from teaching_nb.client.models import saving
from teaching_nb.proxy import backend_session
from teaching_nb.schema.hub_kinds import NO_LISTS, NOT_OFFERED, TOLD_TO_OBSERVERS
from teaching_nb.widgets import rooms
from tests.harness.sources import parsed

ROOT = Path(__file__).parents[2]
CATALOGUES = sorted((ROOT / "js/src/text").glob("*.json"))
PHRASE = re.compile(r'\bphrase\(\s*("(?:[^"\\]|\\.)*")')
FOR_PYTHON = {saving.CHOOSE}
"""Said in errors of Python only."""
LEAST_WORDS = 4
"""Letters that have to be left of a sentence with places, for it to be told from others."""


def _said(catalogue: Path) -> dict[str, str]:
    said: dict[str, str] = json.loads(catalogue.read_text(encoding="utf-8"))["said"]
    return said


def _literals() -> list[re.Pattern[str]]:
    """Return all that our Python sources may say, with a place for each value."""
    found: set[str] = set()
    for path in (ROOT / "teaching_nb").rglob("*.py"):
        for node in ast.walk(parsed(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [str(part.value) if isinstance(part, ast.Constant) else None for part in node.values]
                if len(re.findall(r"[a-z]", "".join(filter(None, parts)))) >= LEAST_WORDS:
                    found.add("".join(".*" if part is None else re.escape(part) for part in parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(re.escape(node.value))
    return [re.compile(pattern, re.DOTALL) for pattern in found]


def _is_said(sentence: str, literals: list[re.Pattern[str]]) -> bool:
    # What joins two values, such as " and ", stands for itself.
    joined = re.sub(r"\{\w+\}", "", sentence)
    if any(literal.fullmatch(sentence) or literal.fullmatch(joined) for literal in literals):
        return True
    # Two sentences in a row, or one with a reason behind it.
    ends = [match.end() for match in re.finditer(r"\. ", sentence)]
    return any(_is_said(sentence[: end - 1], literals) and _is_said(sentence[end:], literals) for end in ends)


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.stem)
def test_catalogues_know_what_is_said_about_saving_and_sharing(catalogue: Path) -> None:
    """Whoever adds a sentence about a document adds its translations."""
    of_saving = {
        value
        for name, value in vars(saving).items()
        if name.isupper() and isinstance(value, str) and value not in FOR_PYTHON
    }
    of_sharing = {sharing.AWAITED, *sharing._OTHERWISE.values(), *sharing._PROVISIONAL.values()}
    of_backend = {value for name, value in vars(backend_session).items() if name.isupper() and isinstance(value, str)}
    of_backend |= {
        arrival.REFUSED,
        backend_main.WITHHELD,
        backend_main.NOT_OPENED_YET,
        backend_main.NOT_YOURS,
        NOT_OFFERED,
        NO_LISTS,
        TOLD_TO_OBSERVERS,
    }
    of_rooms = {
        rooms.REFUSED,
        rooms.ASKING,
        rooms.NO_DOCUMENTS,
        "not known",
        "away",
        chat_rooms.FOR_STAFF,
        chat_rooms.NOT_YOUR_PEOPLE,
        chat_rooms.NOT_YOURS,
    }
    of_rooms |= {named_rooms.NOBODY, named_rooms.TOO_MANY}
    unknown = (of_saving | of_sharing | of_backend | of_rooms) - set(_said(catalogue))

    assert len(of_saving) > 10
    assert unknown == set()


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.stem)
def test_catalogues_know_nothing_that_nobody_says(catalogue: Path) -> None:
    """A sentence that is changed in Python is changed here, too."""
    literals = _literals()
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "js/src").rglob("*.ts"))
    by_pages = {json.loads(literal) for source in sources for literal in PHRASE.findall(source)}
    unused = [key for key in _said(catalogue) if key not in by_pages and not _is_said(key, literals)]

    assert unused == []
