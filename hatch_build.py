"""Build hook: makes the browser half from `js/` before a wheel, an sdist or an editable install is built."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = Path("teaching_nb/widgets/static/teaching.js")
"""Of the widgets: the file that is written last; beside it lie the modules."""
EXTENSION = Path("js/lab/built/install.json")
"""Of the JupyterLab extension: the file that is written last."""
BUILDS = {BUNDLE: ("js", "build"), EXTENSION: ("js/lab", "build:lab")}
"""What is made → the folder whose packages that needs besides those of `js`, and npm's word for making it."""
MISSING_NPM = (
    "npm is needed to build the browser half of teaching-nb and was not found: install Node.js 20 or newer, "
    "or install teaching-nb from a wheel"
)


class BundleHook(BuildHookInterface[Any]):
    """Runs `npm ci` and the builds, strictly by the lock files."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build what is missing or old; an sdist brings its own, and then neither npm nor a network is needed.

        Nor are they for one that was made after its sources, as `make` does before it installs the package.
        """
        root = Path(self.root)
        is_sdist = (root / "PKG-INFO").exists()
        wanted = [path for path in BUILDS if not ((is_sdist and (root / path).exists()) or _is_fresh(root, path))]
        if not wanted:
            return
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(MISSING_NPM)
        quiet = {**os.environ, "NO_UPDATE_NOTIFIER": "1"}
        folders = dict.fromkeys(["js", *(BUILDS[path][0] for path in wanted)])
        for folder in folders:
            subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=root / folder, env=quiet, check=True)
        for path in wanted:
            subprocess.run([npm, "run", BUILDS[path][1]], cwd=root / "js", env=quiet, check=True)
            if not (root / path).exists():
                raise RuntimeError(f"npm run {BUILDS[path][1]} did not write {path}")


def _is_fresh(root: Path, made: Path) -> bool:
    bundle, js = root / made, root / "js"
    folders = [js / "src", js / "lab" / "extension" / "schema"]
    sources = [*js.glob("*.*"), *(js / "lab").glob("*.*"), js / "lab" / "extension" / "package.json"]
    sources += [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return bundle.exists() and all(path.stat().st_mtime < bundle.stat().st_mtime for path in sources)
