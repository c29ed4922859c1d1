"""How the parts are put together, as far as the source shows it."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from teaching_nb.schema import events
from tests.harness.sources import parsed

PACKAGE = "teaching_nb"
ROOT = Path(__file__).resolve().parent.parent / PACKAGE

EVENT_NAMES = frozenset(value for name, value in vars(events).items() if name.isupper() and name == value)
"""What the events are called on the wire."""

WIRED = ("hub", "proxy")
"""Parts in which what is called back is handed in, and dependencies are reached into in one place each."""

HOOKS = {
    "hub/delivery/engineio_hooks.py": ("python-engineio", ("asgi_send", "create_queue", "schedule_ping", "sockets")),
    "hub/delivery/socketio_hooks.py": (
        "python-socketio",
        *(("eio", "eio_sid_from_sid", "get_participants", "manager", "packet_class", "sid_from_eio_sid"),),
    ),
    "hub/uvicorn_hooks.py": ("uvicorn", ("capture_signals", "transport")),
    "hub/store/sqlalchemy_hooks.py": ("SQLAlchemy", ("positiontup",)),
    "proxy/jupyter_hooks.py": ("jupyter_server", ()),
    "proxy/tornado_hooks.py": ("tornado", ("client_terminated", "connect_future", "protocol", "ws_connection")),
}
"""File → the dependency whose private and undocumented parts it holds, and those without an underscore in front."""

NO_HOOKS = {
    "hub/delivery/outbox.py": {"_get", "_put"},  # asyncio.Queue: its source says that subclasses may override them
}
"""File → private parts of others that it may use all the same."""

DOCUMENTED = {"_replace", "_start_jupyter_server_extension"}
"""Names that begin with an underscore and are documented all the same."""

INSIDE = {"__closure__", "__code__", "__func__", "__self__", "__wrapped__"}
"""What shows the inside of a function."""


def breaches(rule: Callable[[ast.AST], Iterable[str]], *parts: str, but: str = "") -> list[str]:
    """Return what a rule finds in the files of some parts."""
    paths = sorted(path for part in parts for path in (ROOT / part).rglob("*.py"))
    names = {path: path.relative_to(ROOT).as_posix() for path in paths}
    return [
        f"{names[path]}:{found}"
        for path in paths
        if names[path] != but
        for found in rule(parsed(path.read_text(encoding="utf-8")))
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
    assert list(set_later(parsed(source)))


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
    """The rule knows all nineteen, and sees them wherever they stand."""
    assert len(EVENT_NAMES) == 19
    for source in (
        "told('ACTION', {})",
        "Event = Literal['NEW_RECORD']",
        "match event:\n    case 'AWARENESS':\n        pass",
    ):
        assert len(names_in_place(parsed(source))) == 1, source


def test_every_event_of_the_hub_has_its_own_struct() -> None:
    """What the hub sends is a struct that knows its name; none has a name that another one has."""
    names = [kind.name for kind in _kinds_of(events.HubEvent)]

    assert sorted(names) == sorted({*names})
    assert {*names} == EVENT_NAMES - {
        *(events.JOIN_ROOM, events.LEAVE_ROOM, events.STREAM_UPDATE, events.AWARENESS),
        *(events.SYNC_DOCUMENT, events.UPDATE_DOCUMENT, events.LEAVE_DOCUMENT),
        *(events.FOLLOW_PRESENCE, events.FOLLOW_DOCUMENTS),
    }


def _kinds_of(base: type[events.HubEvent]) -> Iterator[type[events.HubEvent]]:
    for kind in base.__subclasses__():
        if "name" in vars(kind):
            yield kind
        yield from _kinds_of(kind)


def reaches(tree: ast.AST, ours: set[str]) -> Iterator[tuple[int, str]]:
    """Find private parts of others that are used: the line, and what; `ours` are the private names that are our own."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name, value=ast.Call(func=ast.Name(id="super"))) if _is_private(name):
                yield node.lineno, name
            case ast.Attribute(attr=name) if name in INSIDE or (_is_private(name) and name not in ours):
                yield node.lineno, name
            case ast.Call(
                func=ast.Name(id="getattr" | "setattr" | "hasattr" | "delattr"), args=[_, ast.Constant(name), *_]
            ):
                if name in INSIDE or _is_private(str(name)):
                    yield node.lineno, str(name)
            case ast.Call(keywords=keywords):
                yield from ((node.lineno, each.arg) for each in keywords if each.arg and _is_private(each.arg))
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                module = getattr(node, "module", None) or ""
                words = [*module.split("."), *(word for each in names for word in each.name.split("."))]
                yield from ((node.lineno, word) for word in words if _is_private(word) and PACKAGE not in words)
            case _:
                pass


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in DOCUMENTED and name != "_"


def own_names(trees: Iterable[ast.AST]) -> set[str]:
    """Return the private names that sources define."""
    found = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
            found.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def overridden(part: str) -> Iterator[tuple[str, str]]:
    """Find private methods of others that classes of a part replace: the file, and which."""
    for path in sorted((ROOT / part).rglob("*.py")):
        inner = path.relative_to(ROOT)
        for kind, methods in _private_methods(parsed(path.read_text(encoding="utf-8"))):
            module = importlib.import_module(".".join((PACKAGE, *inner.with_suffix("").parts)))
            bases = [base for base in getattr(module, kind).__mro__ if not base.__module__.startswith(PACKAGE)]
            yield from ((inner.as_posix(), method) for method in methods if any(method in vars(base) for base in bases))


def _private_methods(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """Find the classes that are derived from others, with their private methods."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.bases:
            methods = [each.name for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
            if any(map(_is_private, methods)):
                yield node.name, list(filter(_is_private, methods))


def test_dependencies_are_reached_into_in_one_place_each() -> None:
    """A new release of one of them then breaks one file, whose test says what has moved."""
    trees = {path.relative_to(ROOT).as_posix(): parsed(path.read_text(encoding="utf-8")) for path in _wired()}
    ours = own_names(tree for name, tree in trees.items() if name not in HOOKS)
    found = [
        f"{name}:{line}: {what}"
        for name, tree in trees.items()
        for line, what in reaches(tree, ours)
        if name not in HOOKS and what not in NO_HOOKS.get(name, ())
    ]
    found += [
        f"{name}: replaces {what}"
        for part in WIRED
        for name, what in overridden(part)
        if name not in HOOKS and what not in NO_HOOKS.get(name, ())
    ]

    assert found == []


def test_undocumented_names_of_dependencies_stand_in_their_hooks_alone() -> None:
    """Also those that look as if they were public; and nothing of ours is called like them."""
    of_dependency = {word: name for name, (_, words) in HOOKS.items() for word in words}
    found = [
        f"{name}:{node.lineno}: {node.attr} belongs into {of_dependency[node.attr]}"
        for name, tree in ((path.relative_to(ROOT).as_posix(), parsed(path.read_text())) for path in _wired())
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and of_dependency.get(node.attr, name) != name
    ]

    assert found == []


def test_every_hook_has_its_test() -> None:
    """It names the dependency, and the file to be mended."""
    for hooks, (dependency, _) in HOOKS.items():
        (path,) = (ROOT.parent / "tests").rglob(f"test_{Path(hooks).stem}.py")
        text = path.read_text(encoding="utf-8")
        assert f"; mend {hooks}" in text, path
        assert dependency.split("-")[-1].split("_")[0].lower() in text.split("\n")[0].lower(), path


def _wired() -> list[Path]:
    return sorted(path for part in WIRED for path in (ROOT / part).rglob("*.py"))


@pytest.mark.parametrize(
    "source",
    [
        "server.eio._async = {}",
        "self._jupyter_current_user = user",
        "super()._put(item)",
        "handler.__self__.queue",
        "getattr(self.send, '__self__', None)",
        "setattr(shell, '_last_traceback', None)",
        "await super().prepare(_redirect_to_login=False)",
        "from engineio._private import Socket",
        "from engineio import _socket",
    ],
)
def test_reach_into_a_dependency_is_found(source: str) -> None:
    """The rule sees what it is about."""
    assert list(reaches(parsed(source), {"_queue", "_put"}))


def test_own_private_parts_are_not_found() -> None:
    """Classes of ours may know each other's."""
    source = "class A:\n    def _f(self):\n        self._g = 1\n\n\nhub._f()\nhub._g\nperson._replace(a=1)"
    tree = parsed(source)

    assert list(reaches(tree, own_names([tree]))) == []
