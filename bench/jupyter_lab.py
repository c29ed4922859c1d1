"""A JupyterLab server of its own for one measurement: own configuration, own folder, loopback only."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from processes import ChildProcess, free_port

_NO_NEWS = {"fetchNews": "false", "checkForUpdates": False}


class JupyterLab(ChildProcess):
    """A running JupyterLab that reads nothing of the account it runs under.

    One that was ended comes back with the same folder, `port` and `token`.
    """

    def __init__(
        self,
        python: str,
        folder: Path,
        *,
        config: dict[str, Any] | None = None,
        env: dict[str, str] | None = None,
        port: int | None = None,
        token: str | None = None,
        log: Path | None = None,
    ) -> None:
        self.port = free_port() if port is None else port
        self.token = secrets.token_urlsafe(16) if token is None else token
        self.root = folder / "root"
        self.root.mkdir(parents=True, exist_ok=port is not None)
        _write_configuration(folder, self.port, self.token, config or {})
        super().__init__(
            [python, "-m", "jupyterlab", *(["--allow-root"] if os.geteuid() == 0 else [])],
            log=log or folder / "server.log",
            env={**_private_folders(folder), **(env or {})},
            cwd=self.root,
        )

    @property
    def url(self) -> str:
        """Where the server answers, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def page(self, path: str) -> str:
        """Return the address that opens a document of this server in JupyterLab, signed in."""
        return f"{self.url}/lab/tree/{path}?reset&token={self.token}"

    def wait(self) -> None:
        """Wait until the server answers."""
        self.wait_for_answer(f"{self.url}/api")

    def write_notebook(self, name: str, cells: list[str]) -> None:
        """Put a notebook with code cells into the server's folder."""
        (self.root / name).write_text(json.dumps(_notebook(cells)))


def _write_configuration(folder: Path, port: int, token: str, config: dict[str, Any]) -> None:
    server = {
        "ip": "127.0.0.1",
        "port": port,
        "port_retries": 0,
        "root_dir": str(folder / "root"),
        "open_browser": False,
    }
    everything = {
        **config,
        "ServerApp": {**server, **config.get("ServerApp", {})},
        "LabApp": {"expose_app_in_browser": True, "extension_manager": "readonly"},
        "IdentityProvider": {"token": token},
    }
    _write_json(folder / "config" / "jupyter_server_config.json", everything)
    settings = folder / "config" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    _write_json(settings / "notification.jupyterlab-settings", _NO_NEWS)


def _write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def _private_folders(folder: Path) -> dict[str, str]:
    return {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
        "HOME": str(folder),
    }


def _notebook(cells: list[str]) -> dict[str, Any]:
    empty: dict[str, Any] = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    code = [{**empty, "id": f"cell-{number}", "source": source} for number, source in enumerate(cells)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": code}
