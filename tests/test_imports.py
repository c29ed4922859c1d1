"""The layers: who may import whom, read from the source, so that imports inside functions and for types count too.

The rules are those of docs/architecture.md, "Who may import whom".
"""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.harness.sources import parsed

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "teaching_nb"
OURS = ("client", "demo", "errors", "hub", "processes", "proxy", "schema", "simulator", "tokens", "widgets")
JUPYTER = ("IPython", "anywidget", "ipykernel", "ipywidgets", "jupyter*", "notebook", "traitlets")


@dataclass(frozen=True)
class Import:
    """One name that a file imports."""

    path: str
    line: int
    name: str
    in_function: bool

    def __str__(self) -> str:
        """Return the place in the form that editors and terminals can follow."""
        return f"{self.path}:{self.line}: imports {self.name}"


@dataclass(frozen=True)
class Layer:
    """What the files below one part may not import.

    A name stands for itself and all inside it, with * at the end for all that begin so, with = in front for itself.
    """

    part: str
    forbidden: tuple[str, ...]
    why: str
    but_in_functions_of: str | None = None
    """The one file that may import it all the same, inside a function."""
    allowed: tuple[str, ...] = ()
    """What stays allowed below a forbidden name."""
    more_in: str = ""
    """The one file that may import `more` as well."""
    more: tuple[str, ...] = ()


def ours(*but: str) -> tuple[str, ...]:
    """Return all parts of the package but some."""
    return tuple(f"{PACKAGE}.{part}" for part in OURS if part not in but)


def inside(part: str, *names: str) -> tuple[str, ...]:
    """Return the full names of what lies in a part."""
    return tuple(f"{PACKAGE}.{part}.{name}" for name in names)


PARTS = (
    Layer("errors", ours(), "errors import nothing of ours"),
    Layer("tokens", ours("errors"), "tokens import nothing of ours but errors"),
    Layer("schema", ours("errors", "schema"), "the schema imports nothing of ours but errors"),
    Layer("hub", ours("errors", "tokens", "schema", "hub"), "the hub runs alone"),
    Layer("hub", (*JUPYTER, "tornado"), "the hub knows neither Jupyter nor traitlets"),
    Layer(
        "proxy",
        (f"{PACKAGE}.hub",),
        "only proxy/embedded.py knows the hub, inside a function",
        but_in_functions_of="proxy/embedded.py",
    ),
    Layer("proxy", ours("errors", "tokens", "schema", "hub", "proxy"), "the proxy relays and knows no documents"),
    Layer("client", ours("errors", "tokens", "schema", "client"), "the client works without hub, proxy and widgets"),
    Layer("client", ("anywidget", "ipywidgets"), "the client shows nothing"),
    Layer("widgets", ours("errors", "schema", "client", "widgets"), "widgets see client models and stores"),
    Layer(
        "widgets",
        ("socketio", "engineio", "aiohttp", "websockets", f"{PACKAGE}.schema.events", f"{PACKAGE}.client"),
        "widgets see client models and stores, never a socket or an event name",
        allowed=(
            f"={PACKAGE}.client",
            *(f"{PACKAGE}.client.{name}" for name in ("classroom", "connecting", "models", "stores")),
        ),
    ),
    Layer("processes", ours("errors", "processes"), "it starts the parts, and knows none of them"),
    Layer("demo", ours("errors", "schema", "processes", "demo"), "the demo starts the parts as processes"),
    Layer(
        "simulator",
        ours("errors", "schema", "processes", "simulator"),
        "the simulator sees of a hub what everybody sees over the network",
    ),
)

SERVICES = ("access", "people", "documents", "administration")
"""Folders of the hub whose functions get a transaction, and never wait."""

FOLDERS: dict[str, dict[str, tuple[str, ...]]] = {
    "hub": {
        "store": (),
        "crdt": (),
        "access": ("store",),
        "people": ("access", "store"),
        "documents": ("access", "people", "crdt", "store"),
        "administration": ("documents", "people", "store"),
        "identity": ("people", "store"),
        "bell": ("store",),
        "delivery": ("access", "bell", "store.database"),
        "live": ("delivery", "documents", "access", "crdt", "bell", "store.database"),
        "sockets": ("live", "delivery", "identity", "access", "documents", "store.database"),
        "rest": ("identity", "delivery", "documents", "people", "administration", "store.database"),
    },
    "client": {
        "link": (),
        "models": (),
        "sync": ("link", "models"),
        "documents": ("link", "models", "sync"),
    },
}
"""Part → folder → what it may import of its neighbours: a folder, or one file of it."""

COMPOSERS = {
    "hub": ("app", "cli", "context", "server", "workers"),
    "client": ("classroom", "connecting"),
}
"""Files that put a part together: they may import everything in it, and no folder imports them."""

CONTEXT_FOR = ("rest", "sockets")
"""Folders of the hub that are handed its context."""

LEAVES = {
    "hub": ("actors", "clock", "config", "numbers", "outcomes", "process", "rates", "room", "uvicorn_hooks"),
    "client": ("stores", "told_traits"),
}
"""Files that every folder of a part may import, and that import none."""

EXCEPTIONS = {"hub/delivery": ("writes", ("documents",))}
"""Folder → the one file of it that may import more of its neighbours, and what."""


def folder_layers() -> list[Layer]:
    """Return what `FOLDERS` says as layers, with the leaves and the files that put a part together."""
    return [layer for part in FOLDERS for layer in (*_folders_of(part), *_leaves_of(part))]


def _folders_of(part: str) -> list[Layer]:
    layers = []
    for folder, allowed in FOLDERS[part].items():
        one_file, more = EXCEPTIONS.get(f"{part}/{folder}", ("", ()))
        composers = [name for name in COMPOSERS[part] if not (name == "context" and folder in CONTEXT_FOR)]
        layers.append(
            Layer(
                f"{part}/{folder}",
                inside(part, *(name for name in FOLDERS[part] if name != folder), *composers),
                f"of its neighbours it may import {', '.join(allowed) or 'none'}",
                allowed=inside(part, *allowed),
                more_in=f"{part}/{folder}/{one_file}.py",
                more=inside(part, *more),
            )
        )
    return layers


def _leaves_of(part: str) -> list[Layer]:
    forbidden = inside(part, *FOLDERS[part], *COMPOSERS[part])
    return [Layer(f"{part}/{leaf}", forbidden, "a leaf imports no folder") for leaf in LEAVES[part]]


LAYERS: tuple[Layer, ...] = (
    *PARTS,
    *folder_layers(),
    *(
        Layer(
            f"hub/{folder}",
            ("asyncio", "engineio", "socketio", "starlette", "uvicorn"),
            "services return notifications; they never emit and never wait",
        )
        for folder in SERVICES
    ),
    Layer("hub/rest", inside("hub", "delivery.transport"), "REST hands over what it says, and never emits"),
    Layer("hub/crdt", ("asyncio", "sqlalchemy", "socketio"), "one document and its bytes: no database, no sockets"),
    Layer("hub/store", ("engineio", "socketio", "starlette"), "the store knows no entrance"),
)


@functools.cache
def imports_of(path: Path, root: Path) -> list[Import]:
    """Return every name that a file imports, wherever the statement stands."""
    tree = parsed(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {id(node) for function in functions for node in ast.walk(function)}
    package = ".".join(path.relative_to(root).with_suffix("").parts[:-1])
    inner = path.relative_to(root).as_posix()
    return [
        Import(inner, node.lineno, name, id(node) in inside)
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt | ast.expr)
        for name in _names(node, package)
    ]


def _names(node: ast.AST, package: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        module = ".".join([*parents, *([node.module] if node.module else [])])
        return [f"{module}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and _is_import_call(node.func) and node.args:
        argument = node.args[0]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            return [argument.value]
    return []


def _is_import_call(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in {"import_module", "__import__"}


def is_below(name: str, parent: str) -> bool:
    """Tell whether `name` is what a rule calls `parent`."""
    if parent.startswith("="):
        return name == parent[1:]
    if parent.endswith("*"):
        return name.startswith(parent[:-1])
    return name == parent or name.startswith(f"{parent}.")


def breaches_of(layer: Layer, root: Path) -> list[str]:
    """Return a line for every import below `root` that a layer forbids."""
    found = []
    for path in sorted((root / PACKAGE).rglob("*.py")):
        inner = path.relative_to(root / PACKAGE).as_posix()
        if not (inner == f"{layer.part}.py" or inner.startswith((f"{layer.part}/", f"{layer.part}_"))):
            continue
        found += [f"{item} ({layer.why})" for item in imports_of(path, root) if _is_breach(item, inner, layer)]
    return found


def _is_breach(item: Import, inner: str, layer: Layer) -> bool:
    if inner == layer.but_in_functions_of and item.in_function:
        return False
    allowed = (*layer.allowed, *(layer.more if inner == layer.more_in else ()))
    is_forbidden = any(is_below(item.name, name) for name in layer.forbidden)
    return is_forbidden and not any(is_below(item.name, name) for name in allowed)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: f"{layer.part}: {layer.why}")
def test_layer_imports_only_what_it_may(layer: Layer) -> None:
    """Every part keeps to its layer."""
    assert not breaches_of(layer, ROOT), "\n".join(["", *breaches_of(layer, ROOT)])


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: f"{layer.part}: {layer.why}")
def test_layer_has_files(layer: Layer) -> None:
    """No rule watches over a part that does not exist."""
    part = ROOT / PACKAGE / layer.part

    assert part.is_dir() or part.with_suffix(".py").is_file()


@pytest.mark.parametrize("part", FOLDERS)
def test_every_file_has_its_place(part: str) -> None:
    """No folder or file of a part is without a rule about whom it may import."""
    names = {path.stem for path in (ROOT / PACKAGE / part).iterdir() if path.is_dir() or path.suffix == ".py"}

    assert names - {"__init__", "__pycache__"} == {*FOLDERS[part], *LEAVES[part], *COMPOSERS[part]}


@pytest.mark.parametrize("part", FOLDERS)
def test_folders_have_no_cycle(part: str) -> None:
    """Whoever goes from folder to folder along what they may import never comes back."""
    edges = {
        folder: {name.split(".")[0] for name in (*allowed, *EXCEPTIONS.get(f"{part}/{folder}", ("", ()))[1])}
        for folder, allowed in FOLDERS[part].items()
    }

    assert set(TopologicalSorter(edges).static_order()) == set(FOLDERS[part])


SENDING = ("engineio_hooks", "socketio_hooks")
"""Files of `hub/delivery` that make packets, for the transport."""


def test_only_the_transport_emits() -> None:
    """Nothing in the hub but the transport uses what makes packets, or calls an `emit`; all others hand over events."""
    ways = {"emit", "Packet"}
    emitters = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / PACKAGE / "hub").rglob("*.py"))
        for node in ast.walk(parsed(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ways
    ]
    users = {
        item.path
        for path in sorted((ROOT / PACKAGE).rglob("*.py"))
        for item in imports_of(path, ROOT)
        if any(is_below(item.name, f"{PACKAGE}.hub.delivery.{name}") for name in SENDING)
    }

    delivery = f"{PACKAGE}/hub/delivery"
    assert {place.split(":")[0] for place in emitters} == {f"{delivery}/{name}.py" for name in SENDING}, emitters
    assert users == {f"{delivery}/socketio_hooks.py", f"{delivery}/transport.py"}


def test_only_the_command_line_imports_the_demo() -> None:
    """Nothing depends on the demo but the command that starts it."""
    found = [
        str(item)
        for path in sorted((ROOT / PACKAGE).rglob("*.py"))
        if PACKAGE + "/demo/" not in path.as_posix()
        for item in imports_of(path, ROOT)
        if is_below(item.name, f"{PACKAGE}.demo")
    ]

    assert [line for line in found if not line.startswith(f"{PACKAGE}/__main__.py:")] == []


def test_tests_of_two_parts_share_the_harness_only() -> None:
    """Whatever the tests of several parts need lies in tests/harness, which itself needs the tests of no part."""
    found = [
        str(item)
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for item in imports_of(path, ROOT)
        if is_below(item.name, "tests") and not _is_of_one_part(path, item.name)
    ]

    assert found == []


def _is_of_one_part(path: Path, name: str) -> bool:
    part = path.relative_to(ROOT / "tests").parts[0]
    return is_below(name, f"tests.{part}") or is_below(name, "tests.harness")


BREACHES = {
    "at the top": ("hub/rest/users.py", "import json\nimport jupyter_server.base\n", 2),
    "for types only": ("hub/delivery/rooms.py", "if TYPE_CHECKING:\n    from traitlets import Int\n", 2),
    "inside a function": ("client/models/saving.py", "def save():\n    from teaching_nb.hub import clock\n", 2),
    "the package itself": ("client/models/saving.py", "from teaching_nb import hub\n", 1),
    "relative": ("client/models/code.py", "from ...widgets import code\n", 1),
    "by its name in a string": ("hub/app.py", "import importlib\nimportlib.import_module('traitlets')\n", 2),
    "embedded at the top": ("proxy/embedded.py", "from teaching_nb.hub import server\n", 1),
    "an event name": ("widgets/code.py", "from teaching_nb.schema.events import JOIN_ROOM\n", 1),
    "the connection": ("widgets/code.py", "from teaching_nb.client.link.connection import Connection\n", 1),
    "a service that emits": ("hub/people/users.py", "from teaching_nb.hub.delivery.publisher import Publisher\n", 1),
    "a service that waits": ("hub/documents/lists.py", "import asyncio\n", 1),
    "a table in REST": ("hub/rest/users.py", "from teaching_nb.hub.store.tables import users\n", 1),
    "a table in sockets": ("hub/sockets/handlers.py", "from teaching_nb.hub.store import tables\n", 1),
    "upwards": ("hub/access/facts.py", "from teaching_nb.hub.documents import documents\n", 1),
    "upwards in the client": ("client/models/history.py", "from teaching_nb.client.link.rest import Rest\n", 1),
    "documents in delivery": ("hub/delivery/publisher.py", "from teaching_nb.hub.documents import quotas\n", 1),
    "REST that emits": ("hub/rest/users.py", "from teaching_nb.hub.delivery.transport import Transport\n", 1),
    "who puts together": ("hub/delivery/rooms.py", "from teaching_nb.hub.context import HubContext\n", 1),
    "a leaf": ("hub/outcomes.py", "from teaching_nb.hub.access.decisions import audience_allows\n", 1),
    "a database in crdt": ("hub/crdt/document.py", "from sqlalchemy import Connection\n", 1),
}


@pytest.mark.parametrize("name", BREACHES)
def test_breach_is_found(name: str, tmp_path: Path) -> None:
    """An import across the layers is reported with its file and line."""
    inner, source, line = BREACHES[name]
    path = tmp_path / PACKAGE / inner
    path.parent.mkdir(parents=True)
    path.write_text(source, encoding="utf-8")

    breaches = [breach for layer in LAYERS for breach in breaches_of(layer, tmp_path)]

    assert any(breach.startswith(f"{PACKAGE}/{inner}:{line}: imports ") for breach in breaches), breaches


def test_embedded_hub_may_be_imported_inside_a_function(tmp_path: Path) -> None:
    """The one exception for proxy/embedded.py holds."""
    path = tmp_path / PACKAGE / "proxy" / "embedded.py"
    path.parent.mkdir(parents=True)
    path.write_text("def start():\n    from teaching_nb.hub import server\n", encoding="utf-8")

    assert [breach for layer in LAYERS for breach in breaches_of(layer, tmp_path)] == []
