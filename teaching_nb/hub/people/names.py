"""Names that people give themselves: nobody passes for a teacher.

Names are compared as they look: without case, accents, blanks and signs, and with letters of other alphabets as the
Latin ones that they resemble. What that list of letters lacks is caught by a rule of Unicode's (UTS 39): a word in
Latin letters and in letters of an alphabet that resembles them is not taken.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from teaching_nb.errors import Conflict, InvalidInput
from teaching_nb.hub.actors import ROLE_LEVELS, Actor
from teaching_nb.hub.store.tables import users

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs that change the direction in which what follows is read."""

_LOOKS = str.maketrans(
    "аеорсухіјѕһԁԛԝкмтпгвьнαερονκτιυηγωϲıłøđɑɡ01l",
    "aeopcyxijshdqwkmtnrbbhaepovktiunywciiodagoii",
)
"""Small letters and digits that are taken for others; l, 1 and I are one."""

_ALPHABETS = frozenset({"LATIN", "CYRILLIC", "GREEK", "CHEROKEE", "ARMENIAN", "COPTIC", "LISU"})
"""Those with letters that can be taken for Latin ones; in the words by which Unicode's names of letters begin."""

_WORD = re.compile(r"[^\W\d_]+")

_SMALL_CAPITAL = "LATIN LETTER SMALL CAPITAL "

_elevated = select(users.c.name, users.c.first_name, users.c.last_name, users.c.role).where(
    users.c.role != "student", users.c.id != bindparam("user_id")
)


def looks(name: str) -> str:
    """Return what a name looks like, to be compared: words of small letters and digits with a blank between."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    shown = (" " if letter.isspace() else _plain(letter) for letter in plain if letter.isalnum() or letter.isspace())
    return " ".join("".join(shown).translate(_LOOKS).split())


def _plain(letter: str) -> str:
    name = unicodedata.name(letter, "")
    capital = name.removeprefix(_SMALL_CAPITAL)
    return capital.lower() if len(capital) == 1 else letter


def _alphabets(word: str) -> set[str]:
    return {unicodedata.name(letter, "").partition(" ")[0] for letter in unicodedata.normalize("NFKC", word)}


def check_chosen(tx: Connection, actor: Actor, row: Row[Any], chosen: str) -> None:
    """Raise what refuses somebody to give themself a name: that of a person with their role or a higher one.

    Admins may do so, and elevated people may name others: a school can have two people of one name. So may everybody
    keep what they are called already.
    """
    if actor.user_id != row.id or actor.is_admin or looks(chosen) == looks(row.name):
        return
    if not _TURNING.isdisjoint(chosen):
        raise InvalidInput(f"the name {chosen[:60]!r} holds a sign that turns the direction of reading; leave it out")
    for other in tx.execute(_elevated, {"user_id": row.id}):
        level = ROLE_LEVELS.get(other.role, 0)
        if level >= max(1, actor.level) and _is_taken_for(chosen, other):
            raise Conflict(f"the name {chosen[:60]!r} can be taken for that of a {other.role} here; choose another one")
    for word in _WORD.findall(chosen):
        if len(_ALPHABETS & _alphabets(word)) > 1:
            raise InvalidInput(
                f"the name {chosen[:60]!r} has letters of several alphabets in one word; use those of one"
            )


def _is_taken_for(chosen: str, other: Any) -> bool:
    mine = looks(chosen)
    for name in (other.name, f"{other.first_name} {other.last_name}"):
        theirs = looks(name)
        if theirs and (mine == theirs or (" " in theirs and f" {theirs} " in f" {mine} ")):
            return True
        # Glued together, and in the order of a list.
        if theirs and mine.replace(" ", "") in (theirs.replace(" ", ""), "".join(reversed(theirs.split()))):
            return True
    return False
