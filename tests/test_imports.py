"""The layers: who may import whom, read from the source, so that imports inside functions and for types count too.

The rules are those of docs/architecture.md, "Who may import whom".
"""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "teaching_nb"
OURS = ("client", "demo", "errors", "hub", "proxy", "schema", "simulator", "tokens", "widgets")
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


def ours(*but: str) -> tuple[str, ...]:
    """Return all parts of the package but some."""
    return tuple(f"{PACKAGE}.{part}" for part in OURS if part not in but)


LAYERS = (
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
        allowed=(f"={PACKAGE}.client", *(f"{PACKAGE}.client.{name}" for name in ("classroom", "models", "stores"))),
    ),
    Layer("demo", ours("errors", "schema", "demo"), "the demo starts the parts as processes"),
    Layer(
        "hub/rest",
        tuple(f"{PACKAGE}.hub.{name}" for name in ("sockets", "tables", "transport")),
        "REST asks services, not tables",
    ),
    Layer("hub/sockets", (f"{PACKAGE}.hub.tables", f"{PACKAGE}.hub.rest"), "sockets ask services, not tables"),
    Layer(
        "hub/services",
        (
            "litestar",
            "socketio",
            "engineio",
            "asyncio",
            *(f"{PACKAGE}.hub.{edge}" for edge in ("app", "cli", "publisher", "rest", "sockets", "transport")),
        ),
        "services return notifications; they never emit and never wait",
    ),
)


@functools.cache
def imports_of(path: Path, root: Path) -> list[Import]:
    """Return every name that a file imports, wherever the statement stands."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {id(node) for function in functions for node in ast.walk(function)}
    package = ".".join(path.relative_to(root).with_suffix("").parts[:-1])
    inner = path.relative_to(root).as_posix()
    return [
        Import(inner, node.lineno, name, id(node) in inside)
        for node in ast.walk(tree)
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
    is_forbidden = any(is_below(item.name, name) for name in layer.forbidden)
    return is_forbidden and not any(is_below(item.name, name) for name in layer.allowed)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: f"{layer.part}: {layer.why}")
def test_layer_imports_only_what_it_may(layer: Layer) -> None:
    """Every part keeps to its layer."""
    assert not breaches_of(layer, ROOT), "\n".join(["", *breaches_of(layer, ROOT)])


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: f"{layer.part}: {layer.why}")
def test_layer_has_files(layer: Layer) -> None:
    """No rule watches over a part that does not exist."""
    part = ROOT / PACKAGE / layer.part

    assert part.is_dir() or part.with_suffix(".py").is_file()


def test_only_the_transport_emits() -> None:
    """Nothing in the hub but transport.py makes a packet or calls an `emit`; all others hand over what they say."""
    ways = {"emit", "Packet"}
    emitters = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / PACKAGE / "hub").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ways
    ]

    assert {place.split(":")[0] for place in emitters} == {f"{PACKAGE}/hub/transport.py"}, "\n".join(emitters)


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


BREACHES = {
    "at the top": ("hub/rest/users.py", "import json\nimport jupyter_server.base\n", 2),
    "for types only": ("hub/rooms.py", "if TYPE_CHECKING:\n    from traitlets import Int\n", 2),
    "inside a function": ("client/saving.py", "def save():\n    from teaching_nb.hub import tables\n", 2),
    "the package itself": ("client/saving.py", "from teaching_nb import hub\n", 1),
    "relative": ("client/models/code.py", "from ...widgets import code\n", 1),
    "by its name in a string": ("hub/app.py", "import importlib\nimportlib.import_module('traitlets')\n", 2),
    "embedded at the top": ("proxy/embedded.py", "from teaching_nb.hub import app\n", 1),
    "an event name": ("widgets/code.py", "from teaching_nb.schema.events import JOIN_ROOM\n", 1),
    "the connection": ("widgets/code.py", "from teaching_nb.client.connection import Connection\n", 1),
    "a service that emits": ("hub/services/users.py", "from teaching_nb.hub.publisher import Publisher\n", 1),
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
    path.write_text("def start():\n    from teaching_nb.hub import app\n", encoding="utf-8")

    assert [breach for layer in LAYERS for breach in breaches_of(layer, tmp_path)] == []
