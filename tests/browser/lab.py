"""A real JupyterLab server of one person, with its own directories, token and port."""

from __future__ import annotations

import itertools
import json
import os
import secrets
import socket
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx

from tests.browser.processes import Process

START_SECONDS = 120.0

_SETTINGS: dict[str, dict[str, Any]] = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
    "completer-extension/inline-completer": {"showWidget": "never"},
}


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Lab:
    """A JupyterLab server; `url` and `token` are known once `start` returns."""

    def __init__(self, home: Path, env: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.root = home / "notebooks"
        self.runtime = home / "runtime"
        self.token = secrets.token_hex(16)
        self.url = ""
        self._env = {**_person_environment(home), **(env or {})}
        self._process: Process | None = None
        self._numbers = itertools.count(1)

    def launch(self) -> None:
        """Start the server process without waiting for it, so that several can start side by side."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.write_settings(_SETTINGS)
        # The token stands in the environment: a command line is readable by everybody on the machine.
        env = {**self._env, "JUPYTER_TOKEN": self.token}
        arguments = ["-m", "jupyterlab", *_options(self.root, free_port())]
        self._process = Process(arguments, log=self.home / "lab.log", env=env)

    def wait_ready(self) -> Lab:
        """Wait until the server answers its API."""
        self.url = self._running.wait_for(self._announced_url, "JupyterLab announces its URL", timeout=START_SECONDS)
        self._running.wait_for(self._is_answering, "JupyterLab answers", timeout=START_SECONDS)
        return self

    @property
    def kernels(self) -> Path:
        """Return the folder of the person's own kernelspecs."""
        return self.home / "data" / "kernels"

    def write_settings(self, settings: Mapping[str, Mapping[str, Any]]) -> None:
        """Write settings of JupyterLab's plugins, for the pages that are opened from now on."""
        for plugin, values in settings.items():
            file = self.home / "config/lab/user-settings/@jupyterlab" / f"{plugin}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values))

    def write_notebook(self, name: str, *sources: str, kernel_name: str = "python3") -> str:
        """Write a notebook with these code cells and return its path below the root."""
        kernel = {"kernelspec": {"name": kernel_name, "display_name": kernel_name, "language": "python"}}
        cells = [_code_cell(number, source) for number, source in enumerate(sources)]
        notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": cells}
        (self.root / name).write_text(json.dumps(notebook))
        return name

    def page_url(self, path: str) -> str:
        """Return a new address at which a browser opens a notebook."""
        # A workspace of its own: a second page in a workspace would be sent to another address while it loads.
        return f"{self.url}lab/workspaces/page-{next(self._numbers)}/tree/{path}?reset&token={self.token}"

    def get(self, path: str) -> httpx.Response:
        """Send a GET request to the server, with its token."""
        return httpx.get(self.url + path, headers={"Authorization": f"token {self.token}"}, timeout=30)

    def end_kernels(self, *, except_of: str | None) -> None:
        """End the kernels of all notebooks but one."""
        for session in self.get("api/sessions").json():
            if session["path"] != except_of:
                self._delete(f"api/sessions/{session['id']}")

    def _delete(self, path: str) -> None:
        answer = httpx.delete(self.url + path, headers={"Authorization": f"token {self.token}"}, timeout=30)
        # 404: it has ended by itself meanwhile.
        assert answer.is_success or answer.status_code == 404, answer.text

    def log(self) -> str:
        """Return what the server printed."""
        return self._running.output()

    def paused(self) -> AbstractContextManager[None]:
        """Stop the server for a while; kernels and pages live on."""
        return self._running.paused()

    def stop(self) -> None:
        """End the server and its kernels."""
        if self._process is not None:
            self._process.stop()

    @property
    def _running(self) -> Process:
        assert self._process is not None, "launch() comes first"
        return self._process

    def _announced_url(self) -> str | None:
        # Jupyter takes the next port when ours was taken in between, and writes the one it got.
        for file in self.runtime.glob(f"jpserver-{self._running.pid}.json"):
            text = file.read_text()
            return str(json.loads(text)["url"]) if text.endswith("}") else None
        return None

    def _is_answering(self) -> bool:
        try:
            return self.get("api/status").is_success
        except httpx.TransportError:
            return False


def _code_cell(number: int, source: str) -> dict[str, Any]:
    bare: dict[str, Any] = {"execution_count": None, "metadata": {}, "outputs": []}
    return {"cell_type": "code", "id": f"cell-{number}", "source": source, **bare}


def _options(root: Path, port: int) -> list[str]:
    return [
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={root}",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.extension_manager=readonly",
    ]


def _person_environment(home: Path) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("TEACHING_NB_", "JUPYTER_"))}
    own = {
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
    for directory in own.values():
        (home / directory).mkdir(parents=True, exist_ok=True)
    return {**inherited, **{key: str(home / directory) for key, directory in own.items()}}
