"""Whatever hub and Jupyter server refuse with, and a cell or widget can show, is known to the page's catalogues.

The sentences are read in the sources, where an error that crosses the wire is made. A new one needs its translation, or
a line below that says why no page shows it.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from teaching_nb import errors
from tests.harness.sources import parsed

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "teaching_nb"
CATALOGUES = sorted((ROOT / "js/src/text").glob("*.json"))
PLACE = re.compile(r"\{(\w+)\}")
VALUE = "Zq7"
"""Stands in a sentence for a value that is known when it is said."""

SOURCES = ("hub", "proxy", "schema", "tokens.py")
NOT_SHOWN = {
    "hub/administration": "accounts, class lists, exports: asked for by commands, by no page and no kernel",
    "hub/cli.py": "said in a terminal",
    "hub/bell": "goes to the hub's log",
    "hub/people/allowed_actions.py": "administration",
    "hub/people/cms_settings.py": "administration",
    "hub/people/groups.py": "administration: pages and kernels only list groups",
    "hub/people/names.py": "administration",
    "hub/people/passwords.py": "administration",
    "hub/people/users.py": "administration: pages and kernels only list people",
    "hub/rest/accounts.py": "administration",
    "hub/rest/cms.py": "another front end asks for it",
    "hub/rest/health.py": "whoever watches the hub asks for it",
    "hub/rest/parameters.py": "a request that no page and no kernel of ours makes: theirs are made of structs",
    "hub/rest/sessions.py": "signing in with a password, which other front ends do",
    "hub/store/postgresql_line.py": "goes to the hub's log",
    "proxy/hub_process.py": "goes to the Jupyter server's log",
    "proxy/rules.py:hub_root": "a setting that is wrong when the Jupyter server starts",
    "proxy/embedded.py:_run_own": "goes to the Jupyter server's log",
    "proxy/embedded.py:_use_other": "goes to the Jupyter server's log",
    "schema/wire.py:decode": "words of msgspec about what no page and no kernel of ours sends",
    "schema/wire.py:convert": "words of msgspec about what no page and no kernel of ours sends",
}
OTHERWISE = {"context.hub.unreachable": "the teaching hub cannot be reached at the moment; try again later"}
"""What is said where the source says it by another name."""

VALUES = {
    "what of _check_number": ("documents", "document roots"),
    "what of _check_hour": ("documents", "document roots"),
    "whose of _too_large": ("its author", "its document root"),
    "_TOO_LONG of given": ("is longer than 1 characters, so that only its beginning is drawn",),
    "wire.kind_of(data) of check_object": ("null", "a list"),
    "_MALFORMED of _read_number": ("state is not an awareness update",),
}
"""Values that are words of ours, by their names and the functions that say them."""


def _error_names() -> set[str]:
    ours = {name for name, value in vars(errors).items() if _is_refusal(value)}
    return ours | {"BadRequest", "_Unable"}


def _is_refusal(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, errors.OperationalError)


def _files() -> Iterator[Path]:
    for source in SOURCES:
        top = PACKAGE / source
        yield from [top] if top.is_file() else sorted(top.rglob("*.py"))


def _said() -> Iterator[tuple[str, str]]:
    """Yield where something is refused, and each sentence that is said there."""
    names = _error_names()
    for path in _files():
        place = path.relative_to(PACKAGE).as_posix()
        if any(place == left_out or place.startswith(f"{left_out}/") for left_out in NOT_SHOWN):
            continue
        for function, call in _calls(parsed(path.read_text(encoding="utf-8"))):
            if _name_of(call) not in names or not call.args or f"{place}:{function}" in NOT_SHOWN:
                continue
            for sentence in _sentences(call.args[0], path, function):
                yield f"{place}:{function}", sentence


def _calls(tree: ast.AST, function: str = "") -> Iterator[tuple[str, ast.Call]]:
    """Yield all calls, each with the innermost function that it stands in."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call):
            yield function, node
        within = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else function
        yield from _calls(node, within)


def _name_of(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _sentences(said: ast.expr, path: Path, function: str) -> list[str]:
    match said:
        case ast.Constant(value=str(words)):
            return [words]
        case ast.IfExp():
            return [*_sentences(said.body, path, function), *_sentences(said.orelse, path, function)]
        case ast.JoinedStr():
            parts = [_parts(part, function) for part in said.values]
            return ["".join(chosen) for chosen in itertools.product(*parts)]
        case ast.Name():
            module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            return [getattr(module, said.id, f"? {said.id}")]
        case _:
            return [OTHERWISE.get(ast.unparse(said), f"? {ast.unparse(said)}")]


def _parts(part: ast.expr, function: str) -> list[str]:
    match part:
        case ast.Constant(value=str(words)):
            return [words]
        case ast.FormattedValue(value=ast.IfExp(body=ast.Constant(value=str(one)), orelse=ast.Constant(value=other))):
            return [one, str(other)]
        case ast.FormattedValue(value=value):
            return list(VALUES.get(f"{ast.unparse(value)} of {function}", (VALUE,)))
        case _:
            raise AssertionError(ast.dump(part))


class Catalogue:
    """What hub and kernel say, as `js/src/text/translating.ts` finds it."""

    def __init__(self, path: Path) -> None:
        self._said: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))["said"]
        self._patterns = [(self._pattern(words), PLACE.findall(words)) for words in self._said if "{" in words]

    @staticmethod
    def _pattern(words: str) -> re.Pattern[str]:
        parts = PLACE.split(words)
        return re.compile(
            "".join("(.+?)" if index % 2 else re.escape(part) for index, part in enumerate(parts)), re.DOTALL
        )

    def knows(self, sentence: str) -> bool:
        """Tell whether a sentence is known as a whole, with the reasons in it, or in its parts."""
        if sentence in self._said or any(self._fits(sentence, *pattern) for pattern in self._patterns):
            return True
        parts = sentence.split("; ")
        return len(parts) > 1 and all(self.knows(part) for part in parts)

    def _fits(self, sentence: str, pattern: re.Pattern[str], places: list[str]) -> bool:
        found = pattern.fullmatch(sentence)
        if not found:
            return False
        values = zip(places, found.groups(), strict=True)
        return all(self.knows(value) for place, value in values if place.startswith("why"))


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_catalogues_know_what_is_refused_with(path: Path) -> None:
    """Nobody reads half a page in another language because something was refused."""
    catalogue = Catalogue(path)
    said = set(_said())

    assert len(said) > 100
    assert {(where, sentence) for where, sentence in said if not catalogue.knows(sentence)} == set()


def test_what_is_not_shown_is_there() -> None:
    """A file or function that has another name by now is no reason any more."""
    functions = {
        f"{path.relative_to(PACKAGE).as_posix()}:{function}"
        for path in _files()
        for function, _call in _calls(parsed(path.read_text(encoding="utf-8")))
    }
    gone = {place for place in NOT_SHOWN if place not in functions and not (PACKAGE / place).exists()}

    assert gone == set()
