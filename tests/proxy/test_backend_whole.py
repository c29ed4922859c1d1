"""Two people at the school's existing backend: Jupyter servers as people start them, real kernels, both versions."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient

from teaching_nb.schema.hub_kinds import BACKEND_UNREACHABLE
from tests.harness.backend_double import BackendDouble
from tests.harness.backend_records import PASSWORD, Pupil, Version
from tests.harness.backend_school import VERSIONS
from tests.harness.waiting import until
from tests.proxy.conftest import StartProcess
from tests.proxy.test_inherited import run
from tests.proxy.test_whole import SECONDS, start_kernel

BEGIN = """
import teaching_nb as tnb
cell = tnb.code("text", init="one\\ntwo\\nthree\\n", shared=True)
model = cell.model
assert tnb.connect().wait_live(60) and model.wait_loaded(60)
"""
EDIT = "model.edit(lambda text: text.replace({old!r}, {new!r}))"
SAVED = "assert model.wait_saved(60)"
WORDS = "print(model.save_detail)"
LOOK = "print(repr(model.code), model.save_state)"

pytestmark = pytest.mark.timeout(240)


@dataclass
class Desk:
    """One person with a kernel at their own Jupyter server."""

    person: Pupil
    kernel_pid: int
    kernel: AsyncKernelClient

    async def run(self, *cells: str) -> str:
        """Run cells, and return what they printed."""
        return await run(self.kernel, *cells)

    async def sees(self, text: str) -> None:
        """Wait until the kernel has a text, and has it saved."""
        async with asyncio.timeout(SECONDS):
            while await self.run(LOOK) != f"{text!r} saved\n":
                await asyncio.sleep(0.1)


@dataclass
class School:
    """A backend, and who is at it."""

    backend: BackendDouble
    sam: Desk
    sue: Desk

    @property
    def stored(self) -> str:
        """Return the text that the backend has: of two that were made at once the older one."""
        document = min(self.backend.records.documents.values(), key=lambda each: each["createdAt"])
        return str(document["data"]["code"])


def account(backend: BackendDouble, person: Pupil, home: Path) -> list[str]:
    """Return the options of a server with a person's account."""
    secret = home / "secret"
    secret.touch(mode=0o600)
    options = [f"--TeachingNB.hub_url={backend.url}", "--TeachingNB.hub_kind=teaching-api"]
    if backend.version == "present":
        secret.write_text(f"{PASSWORD}\n")
        return [*options, f"--TeachingNB.hub_email={person.email}", f"--TeachingNB.hub_password_file={secret}"]
    secret.write_text(backend.sign_in(person))
    return [*options, f"--TeachingNB.hub_token_file={secret}"]


@pytest.fixture(params=VERSIONS)
async def a_school(
    request: pytest.FixtureRequest, tmp_path: Path, start_process: StartProcess
) -> AsyncIterator[School]:
    """Return two people who have opened one text, at a backend of each version."""
    version: Version = request.param
    backend = BackendDouble(version, Pupil("Sam"), Pupil("Sue")).start()
    async with AsyncExitStack() as stack:
        stack.callback(backend.stop)

        async def sit_down(person: Pupil) -> Desk:
            home = tmp_path / person.first_name
            home.mkdir()
            server = await start_process(home, *account(backend, person, home))
            kernel_id, _ = await start_kernel(server)
            client = AsyncKernelClient(connection_file=str(home / "runtime" / f"kernel-{kernel_id}.json"))
            client.load_connection_file()
            client.start_channels(hb=False)
            stack.callback(client.stop_channels)
            await client.wait_for_ready(timeout=SECONDS)
            pid = int(await run(client, "import os\nprint(os.getpid())"))
            return Desk(person, pid, client)

        # One after the other: Jupyter servers that look for free ports at the same time may find the same ones.
        sam, sue = [await sit_down(each) for each in backend.records.people]
        await asyncio.gather(*(desk.run(BEGIN) for desk in (sam, sue)))
        yield School(backend, sam, sue)


def memory_of(pid: int) -> bytes:
    """Return what a process may write to, all of it."""
    found = []
    with Path(f"/proc/{pid}/mem").open("rb") as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            place = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if place is not None and "[v" not in line:
                start, end = (int(number, 16) for number in place.groups())
                memory.seek(start)
                found.append(memory.read(end - start))
    return b"".join(found)


async def test_two_people_share_a_text(a_school: School) -> None:
    """Edits reach the other, simultaneous ones merge, a break loses nothing, and no kernel ever had a credential."""
    sam, sue, backend = a_school.sam, a_school.sue, a_school.backend

    await sam.run(EDIT.format(old="one", new="ONE"), SAVED)
    await sue.sees("ONE\ntwo\nthree\n")
    assert a_school.stored == "ONE\ntwo\nthree\n"

    edits = (EDIT.format(old="ONE", new="1"), EDIT.format(old="three", new="3"))
    await asyncio.gather(sam.run(edits[0], SAVED), sue.run(edits[1], SAVED))
    for desk in (sam, sue):
        await desk.sees("1\ntwo\n3\n")

    await asyncio.to_thread(backend.pause)
    for desk, old, new in ((sam, "1", "eins"), (sue, "3", "drei")):
        await desk.run(EDIT.format(old=old, new=new))
        async with asyncio.timeout(SECONDS):
            while "offline" not in await desk.run(LOOK):
                await asyncio.sleep(0.1)
            # Who is away is the backend, and not the person's own server, whose address the kernel has.
            while BACKEND_UNREACHABLE not in (words := await desk.run(WORDS)):
                await asyncio.sleep(0.1)
        assert "127.0.0.1" not in words
    await asyncio.to_thread(backend.start)
    for desk in (sam, sue):
        await desk.run(SAVED)
        await desk.sees("eins\ntwo\ndrei\n")
    await until(lambda: a_school.stored == "eins\ntwo\ndrei\n")

    # Of a cookie the part that is written alike in every encoding.
    secrets = [*(cookie.partition("/")[0] for cookie in backend.sessions), *backend.tokens, PASSWORD]
    assert bool(backend.tokens) == (backend.version == "present")
    for desk in (sam, sue):
        memory = await asyncio.to_thread(memory_of, desk.kernel_pid)
        assert b"eins\ntwo\ndrei\n" in memory
        assert [secret for secret in secrets if secret.encode() in memory] == []
