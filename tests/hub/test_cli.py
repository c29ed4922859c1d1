"""The commands of the hub as processes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.harness.hub_process import hub_command, hub_process

ROOT_ID = "0b8a3a52-9d0c-4a35-9d2b-0d6c3a5b1f01"
CLASS: dict[str, Any] = {
    "users": [
        {
            "email": "Tina@School.test",
            "firstName": "Tina",
            "lastName": "T",
            "role": "teacher",
            "password": "long enough",
        },
        {"email": "sam@school.test", "firstName": "Sam", "lastName": "S"},
    ],
    "groups": [
        {"name": "team", "parent": "class", "members": ["sam@school.test"]},
        {"name": "class", "members": ["sam@school.test"], "admins": ["tina@school.test"]},
    ],
    "documentRoots": [
        {
            "id": ROOT_ID,
            "access": "RO_DocumentRoot",
            "groupPermissions": [{"group": "class", "access": "RW_StudentGroup"}],
            "userPermissions": [{"user": "sam@school.test", "access": "RO_User"}],
        }
    ],
    "documents": [
        {"documentRootId": ROOT_ID, "author": "sam@school.test", "type": "code", "data": {"code": "1"}},
        {"documentRootId": ROOT_ID, "author": "sam@school.test", "type": "code", "data": {"code": "2"}},
    ],
    "allowedActions": [{"documentType": "code", "action": "update@parent_id"}],
}


@pytest.fixture
def a_file(tmp_path: Path) -> Path:
    """Return the file of a class."""
    path = tmp_path / "class.json"
    path.write_text(json.dumps(CLASS))
    return path


def test_loading_twice_changes_nothing(tmp_path: Path, a_file: Path) -> None:
    """A dump after the second load is that after the first, and loads into another hub without loss."""
    data = tmp_path / "data"

    first = hub_command(data, "load", str(a_file))
    dumped = hub_command(data, "dump", "-").stdout
    second = hub_command(data, "load", str(a_file))

    assert (first.returncode, first.stderr) == (0, "")
    assert second.stdout == "loaded: nothing had to be changed\n"
    assert hub_command(data, "dump", "-").stdout == dumped
    content = json.loads(dumped)
    assert [user["email"] for user in content["users"]] == ["sam@school.test", "tina@school.test"]
    assert [entry["data"]["code"] for entry in content["documents"]] == ["1", "2"]
    assert "password" not in dumped

    copy = tmp_path / "copy.json"
    assert hub_command(data, "dump", str(copy)).returncode == 0
    assert hub_command(tmp_path / "other", "load", str(copy)).returncode == 0
    assert hub_command(tmp_path / "other", "dump", "-").stdout == dumped


@pytest.mark.parametrize(
    ("place", "path", "value"),
    [
        (("users", 1, "role"), "$.users[1]", "king"),
        (("users", 0, "password"), "$.users[0].password", "short"),
        (("groups", 1, "admins", 0), "$.groups[1].admins[0]", "nobody@school.test"),
        (("documentRoots", 0, "groupPermissions", 0, "access"), "$.documentRoots[0].groupPermissions[0]", "RX"),
        (("documents", 1, "author"), "$.documents[1]", "nobody@school.test"),
        (("documents", 1, "type"), "$.documents[1].type", 5),
    ],
)
def test_mistake_in_a_file_is_named_and_leaves_no_trace(
    tmp_path: Path, place: tuple[str | int, ...], path: str, value: object
) -> None:
    """All of the file or nothing; the reason is one line with the path."""
    content: Any = json.loads(json.dumps(CLASS))
    target = content
    for step in place[:-1]:
        target = target[step]
    target[place[-1]] = value

    result = hub_command(tmp_path / "data", "load", "-", stdin=json.dumps(content))

    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert path in result.stderr
    assert hub_command(tmp_path / "data", "user", "list").stdout == ""


def test_accounts_are_made_by_commands(tmp_path: Path) -> None:
    """Adding, changing and listing; mistakes are one line on stderr and exit code 1."""
    data = tmp_path / "data"

    added = hub_command(
        data, "user", "add", "Ann@School.test", "--role", "teacher", "--password-stdin", stdin="long enough\n"
    )
    changed = hub_command(data, "user", "set-role", "ann@school.test", "admin")
    listed = hub_command(data, "user", "list").stdout.split("\t")

    assert (added.returncode, changed.stdout) == (0, "ann@school.test is admin\n")
    assert listed[:3] == [added.stdout.strip(), "admin", "ann@school.test"]
    for arguments, reason in (
        (("user", "add", "ann@school.test"), "exists already"),
        (("user", "add", "ann"), "not an e-mail address"),
        (("user", "set-role", "ann@school.test", "king"), "unknown role"),
        (("token", "nobody@school.test"), "no user has the e-mail"),
        (("load", "missing.json"), "cannot read missing.json"),
    ):
        result = hub_command(data, *arguments)
        assert result.returncode == 1, arguments
        assert reason in result.stderr
        assert result.stderr.count("\n") == 1


def test_served_hub_knows_the_token_and_ends_on_sigterm(tmp_path: Path, a_file: Path) -> None:
    """One line on stdout tells the address; SIGTERM is a clean end."""
    data = tmp_path / "data"
    assert hub_command(data, "load", str(a_file)).returncode == 0
    token = hub_command(data, "token", "sam@school.test").stdout.strip()
    with hub_process(data, PYTHONWARNINGS="error") as hub:
        user = hub.request("GET", "/user", token).json()
        loaded_meanwhile = hub_command(data, "user", "add", "late@school.test")
        code = hub.stop()

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", hub.url)
    assert user["email"] == "sam@school.test"
    assert loaded_meanwhile.returncode == 0
    assert (code, hub.log()) == (0, f"listening on {hub.url}\n")


@pytest.mark.parametrize(
    ("arguments", "variables", "reason"),
    [
        (["--database", "nonsense"], {}, "database URL"),
        (["--port", "0"], {"TEACHING_NB_HUB_SECRET": "short"}, "TEACHING_NB_HUB_SECRET"),
        (["--host", "203.0.113.1"], {}, "cannot listen on 203.0.113.1"),
    ],
)
def test_hub_that_cannot_start_says_why(
    tmp_path: Path, arguments: list[str], variables: dict[str, str], reason: str
) -> None:
    """One line, exit code 1, no traceback."""
    result = hub_command(tmp_path / "data", "serve", *arguments, **variables)

    assert result.returncode == 1
    assert reason in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr
