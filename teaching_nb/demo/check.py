"""`teaching-nb demo --check`: people with real kernels work together; every fact is printed with its time.

The cells below are what a person would type; they use nothing but the public interface.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp

from teaching_nb.demo.kernel import CellError, Kernel, open_kernel

if TYPE_CHECKING:
    from rich.console import Console

    from teaching_nb.demo.labs import Lab
    from teaching_nb.demo.school import School

_HEAD_START_SECONDS = 0.5
"""Two cells that shall edit at the same moment are sent this long before it."""

CONNECT = """
import json, threading, time
import teaching_nb as tnb
begin = time.time()
room = tnb.connect()
room.wait_live(timeout=20)
print(json.dumps({"user": room.user.id, "ms": (time.time() - begin) * 1000}))
"""

OPEN_SHARED = """
cell = tnb.code("fibonacci", init="def fib(n):\\n    return n\\n", shared=True)
cell.model.wait_loaded(timeout=20)
seen = []
changed = threading.Condition()
def note(_change=None):
    with changed:
        seen.append({"code": cell.model.code, "at": time.time()})
        changed.notify_all()
cell.model.observe(note, "code")
note()
def wait_for(is_there):
    with changed:
        changed.wait_for(lambda: is_there(seen[-1]["code"]), timeout=15)
        return seen[-1]
print(json.dumps(cell.model.code))
"""

WRITE = """
before = time.time()
cell.model.code = {code!r}
cell.model.wait_saved(timeout=15)
print(json.dumps({{"at": before, "saved": time.time(), "state": cell.model.save_state}}))
"""

READ = """
print(json.dumps(wait_for(lambda code: code == {code!r})))
"""

EDIT_FIRST_LINE = """
time.sleep(max(0, {moment} - time.time()))
lines = cell.model.code.split("\\n")
cell.model.code = "\\n".join([{before!r} + lines[0] + {after!r}, *lines[1:]])
print(json.dumps(wait_for(lambda code: all(mark in code.split("\\n")[0] for mark in {marks!r}))))
"""

READ_BOTH = """
print(json.dumps(wait_for(lambda code: all(mark in code.split("\\n")[0] for mark in {marks!r}))))
"""

WHO_IS_ONLINE = """
begin = time.time()
arrived = threading.Event()
def look(_change=None):
    if all(room.presence.counts.get(user, 0) > 0 for user in {users!r}):
        arrived.set()
room.presence.observe(look, "counts")
look()
arrived.wait(timeout=15)
counts = dict(room.presence.counts)
print(json.dumps({{"online": [u for u in {users!r} if counts.get(u, 0) > 0], "ms": (time.time() - begin) * 1000}}))
"""

OPEN_FORBIDDEN = """
begin = time.time()
notes = room.document("teacher-notes", type="code", init="")
settled = threading.Event()
def look(_change=None):
    if notes.save_state in ("refused", "read-only", "saved"):
        settled.set()
notes.observe(look, "save_state")
look()
settled.wait(timeout=15)
print(json.dumps({"state": notes.save_state, "detail": notes.save_detail, "ms": (time.time() - begin) * 1000}))
"""


@dataclass
class Report:
    """The facts so far; printed as they come."""

    console: Console
    is_good: bool = True
    facts: list[str] = field(default_factory=list)

    def add(self, is_true: bool, text: str, ms: float | None = None) -> None:  # noqa: FBT001 - the fact itself
        """Print one fact and remember whether it holds."""
        self.is_good = self.is_good and is_true
        duration = f"{ms:7.0f} ms" if ms is not None else " " * 10
        sign = "[green]✓[/]" if is_true else "[red]✗[/]"
        self.facts.append(text)
        self.console.print(f"{sign} {duration}  ", end="")
        self.console.print(text, markup=False, soft_wrap=True)


async def check_class(school: School, console: Console) -> bool:
    """Let everybody in the class work together; return whether all that was expected was seen."""
    report = Report(console)
    begin = time.monotonic()
    try:
        async with _kernels(school.labs) as kernels:
            report.add(True, f"{len(kernels)} JupyterLabs run a kernel each", _ms_since(begin))
            await _check_together(kernels, report)
    except CellError as error:
        report.add(False, str(error))
    report.add(report.is_good, "everything was as it should be" if report.is_good else "something was missing")
    return report.is_good


async def _check_together(kernels: list[Kernel], report: Report) -> None:
    teacher, *students = kernels
    first, second = students[0], students[1] if len(students) > 1 else teacher
    users = await _connect(kernels, report)
    await _open_shared(kernels, report)
    await _one_edits(first, [kernel for kernel in kernels if kernel is not first], report)
    await _two_edit_one_line(first, second, kernels, report)
    await _who_is_online(teacher, users, report)
    await _without_access(first, report)


async def _connect(kernels: list[Kernel], report: Report) -> dict[str, str]:
    """Let everybody connect; return the first names by user id."""
    answers = await _everybody(kernels, CONNECT)
    for kernel, answer in zip(kernels, answers, strict=True):
        report.add(bool(answer["user"]), f"{kernel.first_name} is connected to the hub", answer["ms"])
    return {answer["user"]: kernel.first_name for kernel, answer in zip(kernels, answers, strict=True)}


async def _open_shared(kernels: list[Kernel], report: Report) -> None:
    begin = time.monotonic()
    texts = await _everybody(kernels, OPEN_SHARED)
    report.add(len(set(texts)) == 1, f"{len(kernels)} people opened one shared cell", _ms_since(begin))


async def _one_edits(writer: Kernel, readers: list[Kernel], report: Report) -> None:
    code = (
        f"def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)  # {writer.first_name}, {time.time():.3f}\n"
    )
    reading = asyncio.gather(*(_run(reader, READ.format(code=code)) for reader in readers))
    wrote = await _run(writer, WRITE.format(code=code))
    saved_ms = (wrote["saved"] - wrote["at"]) * 1000
    report.add(wrote["state"] == "saved", f"{writer.first_name} wrote a line; the hub has stored it", saved_ms)
    for reader, saw in zip(readers, await reading, strict=True):
        ms = (saw["at"] - wrote["at"]) * 1000
        report.add(saw["code"] == code, f"{reader.first_name} sees what {writer.first_name} wrote", ms)


async def _two_edit_one_line(first: Kernel, second: Kernel, kernels: list[Kernel], report: Report) -> None:
    moment = time.time() + _HEAD_START_SECONDS
    marks = [f"# {first.first_name} was here: ", f"  # {second.first_name} too"]
    edits = {
        first: EDIT_FIRST_LINE.format(moment=moment, before=marks[0], after="", marks=marks),
        second: EDIT_FIRST_LINE.format(moment=moment, before="", after=marks[1], marks=marks),
    }
    watching = READ_BOTH.format(marks=marks)
    saw = await asyncio.gather(*(_run(kernel, edits.get(kernel, watching)) for kernel in kernels))
    texts = {answer["code"] for answer in saw}
    is_merged = len(texts) == 1 and all(mark in text.split("\n")[0] for text in texts for mark in marks)
    ms = (max(answer["at"] for answer in saw) - moment) * 1000
    names = f"{first.first_name} and {second.first_name}"
    report.add(is_merged, f"{names} edited one line at once; all {len(kernels)} have both edits", ms)


async def _who_is_online(teacher: Kernel, users: dict[str, str], report: Report) -> None:
    answer = await _run(teacher, WHO_IS_ONLINE.format(users=list(users)))
    names = ", ".join(users[user] for user in answer["online"])
    report.add(len(answer["online"]) == len(users), f"{teacher.first_name} sees who is online: {names}", answer["ms"])


async def _without_access(student: Kernel, report: Report) -> None:
    answer = await _run(student, OPEN_FORBIDDEN)
    text = f"{student.first_name} is refused the teacher's notes: {answer['detail'] or answer['state']}"
    report.add(answer["state"] == "refused", text, answer["ms"])


async def _everybody(kernels: list[Kernel], code: str) -> list[Any]:
    return await asyncio.gather(*(_run(kernel, code) for kernel in kernels))


async def _run(kernel: Kernel, code: str) -> Any:
    """Run a cell and return the JSON that it printed last."""
    printed = await kernel.run(code)
    if not printed:
        raise CellError(f"{kernel.first_name}'s cell printed nothing")
    return json.loads(printed.splitlines()[-1])


@contextlib.asynccontextmanager
async def _kernels(labs: list[Lab]) -> AsyncIterator[list[Kernel]]:
    """Start a kernel in every JupyterLab, all at once."""
    async with aiohttp.ClientSession() as http, contextlib.AsyncExitStack() as stack:
        opened = [open_kernel(http, lab) for lab in labs]
        yield list(await asyncio.gather(*(stack.enter_async_context(kernel) for kernel in opened)))


def _ms_since(begin: float) -> float:
    return (time.monotonic() - begin) * 1000
