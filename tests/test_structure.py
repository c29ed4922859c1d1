"""How the parts are put together, as far as the source shows it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from teaching_nb.schema import events

ROOT = Path(__file__).resolve().parent.parent / "teaching_nb"

EVENT_NAMES = frozenset(value for name, value in vars(events).items() if name.isupper() and name == value)
"""What the events are called on the wire."""

WIRED = ("hub", "proxy")
"""Parts in which what is called back is handed in."""


def breaches(rule: Callable[[ast.AST], Iterable[str]], *parts: str, but: str = "") -> list[str]:
    """Return what a rule finds in the files of some parts."""
    paths = sorted(path for part in parts for path in (ROOT / part).rglob("*.py"))
    names = {path: path.relative_to(ROOT).as_posix() for path in paths}
    return [
        f"{names[path]}:{found}"
        for path in paths
        if names[path] != but
        for found in rule(ast.parse(path.read_text(encoding="utf-8")))
    ]


def set_later(tree: ast.AST) -> Iterator[str]:
    """Find callbacks that are, or can be, set after an object was made."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in filter(_is_callback_of_another, node.targets):
                yield f"{node.lineno}: sets {ast.unparse(target)}"
        elif isinstance(node, ast.AnnAssign) and _is_open_callback(node):
            yield f"{node.lineno}: {ast.unparse(node.target)} can be set by anybody"


def _is_callback_of_another(target: ast.expr) -> bool:
    return isinstance(target, ast.Attribute) and target.attr.startswith("on_") and ast.unparse(target.value) != "self"


def _is_open_callback(node: ast.AnnAssign) -> bool:
    is_public = isinstance(node.target, ast.Attribute) and not node.target.attr.startswith("_")
    return is_public and node.value is not None and ast.unparse(node.annotation).startswith("Callable")


def test_callbacks_are_handed_in() -> None:
    """One that is set later has a time before that, in which what it should have been told is lost without a word."""
    assert breaches(set_later, *WIRED) == []


@pytest.mark.parametrize(
    "source",
    [
        "rooms.on_change = self.room_changed",
        "self.context.kernels.on_end = end",
        "class A:\n    def __init__(self) -> None:\n        self.on_end: Callable[[str], None] = _ignore",
        "class A:\n    def __init__(self) -> None:\n        self.told: Callable[[str], None] = lambda _: None",
    ],
)
def test_callback_that_is_set_later_is_found(source: str) -> None:
    """The rule sees what it is about."""
    assert list(set_later(ast.parse(source)))


def names_in_place(tree: ast.AST) -> list[str]:
    """Find names of events that stand in the code as strings."""
    return [
        f"{node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in EVENT_NAMES
    ]


def test_names_of_events_stand_in_one_place() -> None:
    """A name that is written out is one that nobody finds who looks for what is done with an event."""
    assert breaches(names_in_place, "", but="schema/events.py") == []


def test_name_of_an_event_in_place_is_found() -> None:
    """The rule knows all sixteen, and sees them wherever they stand."""
    assert len(EVENT_NAMES) == 16
    for source in (
        "told('ACTION', {})",
        "Event = Literal['NEW_RECORD']",
        "match event:\n    case 'AWARENESS':\n        pass",
    ):
        assert len(names_in_place(ast.parse(source))) == 1, source


def test_every_event_of_the_hub_has_its_own_struct() -> None:
    """What the hub sends is a struct that knows its name; none has a name that another one has."""
    names = [kind.name for kind in _kinds_of(events.HubEvent)]

    assert sorted(names) == sorted({*names})
    assert {*names} == EVENT_NAMES - {
        *(events.JOIN_ROOM, events.LEAVE_ROOM, events.STREAM_UPDATE, events.AWARENESS),
        *(events.SYNC_DOCUMENT, events.UPDATE_DOCUMENT, events.LEAVE_DOCUMENT),
    }


def _kinds_of(base: type[events.HubEvent]) -> Iterator[type[events.HubEvent]]:
    for kind in base.__subclasses__():
        if "name" in vars(kind):
            yield kind
        yield from _kinds_of(kind)
