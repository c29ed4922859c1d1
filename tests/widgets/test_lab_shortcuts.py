"""The keys of the JupyterLab extension are nobody else's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_core.paths import ENV_JUPYTER_PATH

OURS = Path(__file__).parents[2] / "js/lab/extension/schema/cells.json"


def _shortcuts(path: Path) -> Iterator[dict[str, Any]]:
    schema = json.loads(path.read_text(encoding="utf-8"))
    yield from schema.get("jupyter.lab.shortcuts", ())


def _lab_schemas() -> list[Path]:
    return [path for top in ENV_JUPYTER_PATH for path in (Path(top) / "lab/schemas").rglob("*.json")]


def test_keys_are_those_of_command_mode() -> None:
    """With Ctrl and Alt desktops and browsers have theirs, and keyboards have letters: AltGr is both."""
    for shortcut in _shortcuts(OURS):
        assert all(len(key) == 1 and key.isalpha() for key in shortcut["keys"])
        assert "jp-mod-commandMode" in shortcut["selector"]
        assert ":not(:read-write)" in shortcut["selector"]


def test_keys_are_none_of_jupyterlab() -> None:
    """Neither the same ones, nor the beginning of others, nor others that begin as ours do."""
    theirs = [(path.name, shortcut) for path in _lab_schemas() for shortcut in _shortcuts(path)]
    ours = [shortcut["keys"] for shortcut in _shortcuts(OURS)]
    same = [
        (name, shortcut["command"])
        for name, shortcut in theirs
        for keys in ours
        if shortcut.get("keys") and all(a == b for a, b in zip(shortcut["keys"], keys, strict=False))
    ]

    assert len(theirs) > 50
    assert ours
    assert same == []
