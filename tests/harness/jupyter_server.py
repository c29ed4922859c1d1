"""Jupyter servers as people start them: processes with folders, a token and a port of their own."""

from __future__ import annotations

import itertools
import json
import secrets
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ClassVar, Self

import httpx

from tests.harness.processes import Process, environment

START_SECONDS = 120.0

_FOLDERS = {
    "HOME": "home",
    "IPYTHONDIR": "ipython",
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "config/lab/user-settings",
    "JUPYTERLAB_WORKSPACES_DIR": "config/lab/workspaces",
    "MPLCONFIGDIR": "matplotlib",
    "XDG_CACHE_HOME": "cache",
}
_SETTINGS: dict[str, dict[str, Any]] = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
    "completer-extension/inline-completer": {"showWidget": "never"},
}


def private_folders(home: Path) -> dict[str, str]:
    """Make the folders of a person, and return the variables that keep a server away from the account's own."""
    for folder in _FOLDERS.values():
        (home / folder).mkdir(parents=True, exist_ok=True)
    return {name: str(home / folder) for name, folder in _FOLDERS.items()}


class JupyterServer:
    """A server of one person; `url`, which ends with a slash, is known once it is ready."""

    program: ClassVar = "jupyter_server"

    def __init__(
        self,
        home: Path,
        *options: str,
        env: Mapping[str, str] | None = None,
        token: str | None = None,
        port: int = 0,
        python: str = sys.executable,
        log: Path | None = None,
    ) -> None:
        self.home = home
        self.root = home / "notebooks"
        self.token = secrets.token_hex(16) if token is None else token
        self.url = ""
        self._python = python
        self._log = log or home / "jupyter.log"
        self._options = (
            *("--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"),
            *("--ServerApp.port_retries=0", f"--ServerApp.root_dir={self.root}", *options),
        )
        inherited = {name: value for name, value in environment().items() if not name.startswith("JUPYTER_")}
        # The token stands in the environment: a command line is readable by everybody on the machine.
        self._env = {**inherited, **private_folders(home), "JUPYTER_TOKEN": self.token, **(env or {})}
        self._process: Process | None = None

    def launch(self) -> Self:
        """Start the process without waiting for it, so that several can start side by side."""
        self.root.mkdir(parents=True, exist_ok=True)
        command = [self._python, "-m", self.program, *self._options]
        self._process = Process(command, log=self._log, env=self._env, cwd=self.root)
        return self

    def wait_ready(self) -> Self:
        """Wait until the server answers its API."""
        self.url = self.process.wait_for(self._announced_url, "Jupyter announces its URL", START_SECONDS)
        self.process.wait_for(self._is_answering, "Jupyter answers", START_SECONDS)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    @property
    def process(self) -> Process:
        """Return the process of the server."""
        assert self._process is not None, "launch() comes first"
        return self._process

    def get(self, path: str) -> httpx.Response:
        """Send a GET request to the server, with its token."""
        return httpx.get(self.url + path, headers={"Authorization": f"token {self.token}"}, timeout=30)

    def log(self) -> str:
        """Return what the server printed."""
        return self.process.output()

    def paused(self) -> AbstractContextManager[None]:
        """Stop the server for a while; kernels and pages live on."""
        return self.process.paused()

    def kill(self) -> None:
        """End the server at once, without a chance to end its kernels."""
        self.process.kill()

    def stop(self) -> None:
        """End the server and its kernels."""
        if self._process is not None:
            self._process.stop()

    def _announced_url(self) -> str | None:
        file = self.home / _FOLDERS["JUPYTER_RUNTIME_DIR"] / f"jpserver-{self.process.pid}.json"
        text = file.read_text() if file.exists() else ""
        return str(json.loads(text)["url"]) if text.endswith("}") else None

    def _is_answering(self) -> bool:
        try:
            return self.get("api/status").is_success
        except httpx.TransportError:
            return False


class JupyterLab(JupyterServer):
    """A JupyterLab of one person."""

    program: ClassVar = "jupyterlab"
    ours: ClassVar[tuple[str, ...]] = ("--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly")

    def __init__(self, home: Path, *options: str, **more: Any) -> None:
        super().__init__(home, *self.ours, *options, **more)
        self._numbers = itertools.count(1)
        self.write_settings(_SETTINGS)
        self._check_no_build()

    @property
    def kernels(self) -> Path:
        """Return the folder of the person's own kernelspecs."""
        return self.home / _FOLDERS["JUPYTER_DATA_DIR"] / "kernels"

    def write_settings(self, settings: Mapping[str, Mapping[str, Any]]) -> None:
        """Write settings of plugins, JupyterLab's or of another package by full name, for pages opened from now on."""
        for plugin, values in settings.items():
            folder = self.home / _FOLDERS["JUPYTERLAB_SETTINGS_DIR"]
            name = plugin if plugin.startswith(("@", "teaching-nb/")) else f"@jupyterlab/{plugin}"
            file = folder / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values))

    def write_notebook(self, name: str, *sources: str, kernel_name: str = "python3") -> str:
        """Write a notebook with these code cells and return its path below the root."""
        kernel = {"kernelspec": {"name": kernel_name, "display_name": kernel_name, "language": "python"}}
        cells = [_code_cell(number, source) for number, source in enumerate(sources)]
        notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": cells}
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(json.dumps(notebook))
        return name

    def page_url(self, path: str) -> str:
        """Return a new address at which a browser opens a notebook, signed in."""
        # A workspace of its own: a second page in a workspace would be sent to another address while it loads.
        return f"{self.url}lab/workspaces/page-{next(self._numbers)}/tree/{path}?reset&token={self.token}"

    def workspace_url(self) -> str:
        """Return a new address at which a browser opens JupyterLab without a notebook, signed in."""
        return f"{self.url}lab/workspaces/page-{next(self._numbers)}?reset&token={self.token}"

    def end_kernels(self, *, except_of: str | None) -> None:
        """End the kernels of all notebooks but one."""
        for session in self.get("api/sessions").json():
            if session["path"] != except_of:
                self._delete(f"api/sessions/{session['id']}")

    def _check_no_build(self) -> None:
        """Have no page ask whether JupyterLab must be built anew: the answer takes a second of Node.js each time."""
        folder = self.home / _FOLDERS["JUPYTER_CONFIG_DIR"] / "labconfig"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "page_config.json").write_text(json.dumps({"buildCheck": False}))

    def _delete(self, path: str) -> None:
        answer = httpx.delete(self.url + path, headers={"Authorization": f"token {self.token}"}, timeout=30)
        # 404: it has ended by itself meanwhile.
        assert answer.is_success or answer.status_code == 404, answer.text


class JupyterNotebook(JupyterLab):
    """A Notebook 7 of one person: JupyterLab's parts with one notebook on a page."""

    program: ClassVar = "notebook"
    ours: ClassVar[tuple[str, ...]] = ("--JupyterNotebookApp.expose_app_in_browser=True",)

    def page_url(self, path: str) -> str:
        """Return the address at which a browser opens a notebook, signed in."""
        return f"{self.url}notebooks/{path}?token={self.token}"


def _code_cell(number: int, source: str) -> dict[str, Any]:
    bare: dict[str, Any] = {"execution_count": None, "metadata": {}, "outputs": []}
    return {"cell_type": "code", "id": f"cell-{number}", "source": source, **bare}
