"""`teaching-nb sim` against real hubs: a good one, and one that forgets what it has acknowledged."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from teaching_nb.__main__ import main
from teaching_nb.processes.children import Processes, clean_environment, run
from teaching_nb.processes.hub import Store, hub_command, load_class, mint_tokens, start_hub
from teaching_nb.simulator.lesson import Plan, hold
from teaching_nb.simulator.people import TEACHER, class_file, lesson
from teaching_nb.simulator.rest import Rest

SECONDS = 100


def sim(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    command = [sys.executable, "-m", "teaching_nb", "sim", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_class_in_every_trouble_loses_nothing(tmp_path: Path) -> None:
    """All troubles at once: exit code 0, figures of everything that was done, and a verdict."""
    file = tmp_path / "figures.json"
    options = ("--students", "7", "--seconds", "4", "--chaos", "sleep,restart,two-tabs,flood", "--json", str(file))

    done = sim(*options)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing is lost" in done.stdout
    data = json.loads(file.read_text())
    assert data["mistakes"] == []
    assert data["milliseconds"]["opened"]["count"] == 7
    assert data["milliseconds"]["seen"]["p99"] > 0
    assert data["milliseconds"]["returned"]["count"] >= 7, "everybody came back after the hub was killed"
    assert data["done"]["letters"] > 0


@pytest.fixture
async def processes(tmp_path: Path) -> AsyncIterator[Processes]:
    """Return what ends the hubs of a test."""
    started = Processes(tmp_path)
    yield started
    await started.close()


async def test_hub_that_forgets_is_found_out(tmp_path: Path, processes: Processes) -> None:
    """A hub that is put back by some seconds: pages bring back their texts; ticks, runs and messages are missed."""
    planned, store = lesson(20), Store(tmp_path / "hub")
    await load_class(class_file(planned), store=store, directory=tmp_path)
    tokens = await mint_tokens(planned.people, store=store)
    hub = await start_hub(processes, store=store)

    async def kept() -> object:
        async with aiohttp.ClientSession() as session:
            roots = {"documentRootIds": [planned.task_root, planned.chat_root]}
            return await Rest(hub.url, session).request("POST", "documents/multiple", tokens[TEACHER], roots)

    async def forget() -> None:
        nonlocal hub
        await run(hub_command("backup", str(tmp_path / "kept.db"), *store.options), env=clean_environment())
        before = await kept()
        while await kept() == before:
            await asyncio.sleep(0.1)
        await hub.kill()
        for left in (tmp_path / "hub").glob("hub.db*"):
            left.unlink()
        shutil.copy(tmp_path / "kept.db", tmp_path / "hub" / "hub.db")
        hub = await start_hub(processes, store=store, port=urlsplit(hub.url).port or 0)

    plan = Plan(14, frozenset({"restart"}), seed=3)
    result = await hold(planned, plan, url=hub.url, tokens=tokens, restart=forget, tell=lambda _: None)

    assert any("the hub acknowledged" in sentence or "the message" in sentence for sentence in result.mistakes)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--chaos", "sleep,earthquake"), "there is no trouble called 'earthquake'; there are: sleep, restart"),
        (("--url", "hub.school"), "not the address of a hub: 'hub.school'"),
        (("--url", "http://127.0.0.1:9"), "name it with --data-dir or --database"),
        (("--url", "http://127.0.0.1:9", "--data-dir", ".", "--chaos", "restart"), "leave out `restart`, or --url"),
    ],
)
def test_wrong_options_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], words: str
) -> None:
    """What cannot be done is said before anything is started."""
    monkeypatch.setattr(sys, "argv", ["teaching-nb", "sim", *options])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 1
    assert words in capsys.readouterr().err


def test_hub_that_is_not_there_is_said(tmp_path: Path) -> None:
    """An address where nobody answers."""
    done = sim("--url", "http://127.0.0.1:9", "--data-dir", str(tmp_path / "hub"), "--students", "1")

    assert done.returncode == 1
    assert "the hub at http://127.0.0.1:9 does not answer" in done.stderr
