"""The folders, environment and command of one person's JupyterLab."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from teaching_nb.demo.labs import command, environment, prepare, set_hub_token, set_token
from teaching_nb.demo.people import people

TEACHER, ALICE = people(1)


def test_prepare_copies_the_notebooks_of_the_person(tmp_path: Path) -> None:
    """Everybody finds the own notebooks and nobody else's."""
    place = prepare(ALICE, tmp_path)

    assert {path.name for path in place.work.iterdir()} == set(ALICE.notebooks)


def test_prepare_keeps_a_notebook_that_was_changed(tmp_path: Path) -> None:
    """A second start with the same folder does not undo anybody's work."""
    notebook = prepare(ALICE, tmp_path).work / ALICE.notebooks[0]
    notebook.write_text("{}", encoding="utf-8")

    prepare(ALICE, tmp_path)

    assert notebook.read_text(encoding="utf-8") == "{}"


def test_prepare_turns_the_extension_on_and_the_news_off(tmp_path: Path) -> None:
    """The settings are written into the person's own folder."""
    config = prepare(ALICE, tmp_path).jupyter / "config"
    server = json.loads((config / "jupyter_server_config.d" / "teaching_nb.json").read_text(encoding="utf-8"))
    [news] = config.rglob("notification.jupyterlab-settings")

    assert server["ServerApp"]["jpserver_extensions"] == {"teaching_nb": True}
    assert json.loads(news.read_text(encoding="utf-8"))["fetchNews"] == "false"


def test_environment_leaves_out_what_steers_jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the person at this machine do not reach the demo, and its folders are the demo's own."""
    monkeypatch.setenv("JUPYTER_TOKEN", "foreign")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "foreign")
    monkeypatch.setenv("TEACHING_NB_URL", "foreign")
    place = prepare(TEACHER, tmp_path)

    env = environment(place, hub_url="http://127.0.0.1:1")

    assert "foreign" not in env.values()
    assert env["TEACHING_NB_HUB_URL"] == "http://127.0.0.1:1"
    assert all(env[name].startswith(str(tmp_path)) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"))


def test_token_is_the_owners_alone(tmp_path: Path) -> None:
    """The token stays out of the command line, which every user of the machine can read; its file is private."""
    place = prepare(ALICE, tmp_path)

    set_token(place, "first")
    set_token(place, "second")

    [path] = (place.jupyter / "config").glob("*.json")
    assert path.stat().st_mode & 0o077 == 0
    assert json.loads(path.read_text(encoding="utf-8")) == {"IdentityProvider": {"token": "second"}}
    assert "second" not in " ".join(command(place, 8888))


def test_token_of_the_hub_is_in_a_private_file(tmp_path: Path) -> None:
    """Neither environment nor command line holds it: these can be read by every kernel."""
    place = prepare(ALICE, tmp_path)
    place.hub_token.touch(mode=0o644)

    set_hub_token(place, "of-the-hub")

    env = environment(place, hub_url="http://127.0.0.1:1")
    path = Path(env["TEACHING_NB_HUB_TOKEN_FILE"])
    assert path.read_text(encoding="utf-8").strip() == "of-the-hub"
    assert path.stat().st_mode & 0o077 == 0
    assert "of-the-hub" not in env.values()
    assert "of-the-hub" not in " ".join(command(place, 8888))
