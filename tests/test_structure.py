"""How the parts are put together, as far as the source shows it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "teaching_nb"

WIRED = ("hub", "proxy")
"""Parts in which what is called back is handed in."""


def sources(*parts: str) -> list[Path]:
    """Return the files of some parts."""
    return [path for part in parts for path in sorted((ROOT / part).rglob("*.py"))]


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


@pytest.mark.parametrize("path", sources(*WIRED), ids=lambda path: str(path.relative_to(ROOT)))
def test_callbacks_are_handed_in(path: Path) -> None:
    """One that is set later has a time before that, in which what it should have been told is lost without a word."""
    assert list(set_later(ast.parse(path.read_text(encoding="utf-8")))) == []


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
