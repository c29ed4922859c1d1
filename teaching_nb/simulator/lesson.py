"""A whole lesson: everybody comes at once, works in whatever trouble was asked for, and then the oracle looks."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import aiohttp

from teaching_nb.simulator.figures import Figures
from teaching_nb.simulator.oracle import Findings, SeenText, mistakes_in
from teaching_nb.simulator.people import TEACHER, Lesson
from teaching_nb.simulator.replica import Replica
from teaching_nb.simulator.rest import Rest
from teaching_nb.simulator.student import Student
from teaching_nb.simulator.tab import Sent, Tab

Trouble = Literal["sleep", "restart", "two-tabs", "flood"]
TROUBLES: tuple[Trouble, ...] = get_args(Trouble)

RESTART_AFTER = 0.5
"""Part of the time after which the hub is killed."""
IN_TWO_TABS = 3
"""One student of so many has two pages."""
FLOODING = 15
"""One student of so many types as fast as no person can, now and then."""
WATCHED_TABLES = 4
"""Texts that the teacher looks at."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen."""

    seconds: float
    troubles: frozenset[Trouble] = frozenset()
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured, and what must not be."""

    figures: Figures
    mistakes: list[str]
    joined: float
    """Seconds until the last of all, who came at once, had all texts."""
    presence: int
    """Messages about who is here that all pages got meanwhile."""


async def hold(
    lesson: Lesson,
    plan: Plan,
    *,
    url: str,
    tokens: Mapping[str, str],
    restart: Callable[[], Awaitable[None]] | None,
    tell: Callable[[str], None],
) -> Result:
    """Hold a lesson at a hub; `restart` kills the hub and starts it again."""
    figures, sent, chance = Figures(), Sent(), random.Random(plan.seed)  # noqa: S311 - no secret
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=50)) as session:
        rest = Rest(url, session)
        students = [
            Student(
                *(lesson, email, tokens[email]),
                url=url,
                rest=rest,
                sent=sent,
                figures=figures,
                seed=chance.randrange(2**32),
            )
            for email in lesson.students
        ]
        watched = [Replica(table.document_id, "teacher") for table in lesson.tables[:WATCHED_TABLES]]
        teacher = Tab(url, tokens[TEACHER], watched, sent=sent, figures=figures, chance=chance)
        await teacher.open()
        tell(f"{len(students)} students come at once …")
        joined = await _join(students, plan)
        presence = figures.presence
        tell(f"All are here after {joined:.2f} s. They work for {plan.seconds:.0f} s …")
        await _work(students, teacher, plan, restart, tell)
        tell("The oracle compares what everybody has …")
        await _settle(students, teacher)
        found = await _findings(lesson, students, teacher, rest, tokens[TEACHER])
        for student in students:
            await student.leave()
            found.refusals += student.refusals
        await teacher.close()
    return Result(figures, mistakes_in(found), joined, presence)


async def _join(students: list[Student], plan: Plan) -> float:
    begun = time.perf_counter()
    has_two = "two-tabs" in plan.troubles
    async with asyncio.TaskGroup() as group:
        for number, student in enumerate(students):
            group.create_task(student.come(tabs=2 if has_two and number % IN_TWO_TABS == 0 else 1))
    return time.perf_counter() - begun


async def _work(
    students: list[Student],
    teacher: Tab,
    plan: Plan,
    restart: Callable[[], Awaitable[None]] | None,
    tell: Callable[[str], None],
) -> None:
    end = time.monotonic() + plan.seconds
    watching = asyncio.create_task(teacher.stay())
    try:
        async with asyncio.TaskGroup() as group:
            for number, student in enumerate(students):
                floods = "flood" in plan.troubles and number % FLOODING == 0
                group.create_task(student.work(end, sleeps="sleep" in plan.troubles, floods=floods))
            if restart is not None and "restart" in plan.troubles:
                group.create_task(_restart_after(plan.seconds * RESTART_AFTER, restart, tell))
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _restart_after(seconds: float, restart: Callable[[], Awaitable[None]], tell: Callable[[str], None]) -> None:
    await asyncio.sleep(seconds)
    tell("The hub is killed, and started again …")
    await restart()


async def _settle(students: list[Student], teacher: Tab) -> None:
    """Twice: what the last one brings with the first sync, the others have with the second."""
    for _ in range(2):
        async with asyncio.TaskGroup() as group:
            for student in students:
                group.create_task(student.settle())
    await teacher.close()
    await teacher.come_back()


async def _findings(lesson: Lesson, students: list[Student], teacher: Tab, rest: Rest, token: str) -> Findings:
    found = Findings()
    roots = [lesson.code_root, lesson.task_root, lesson.chat_root, *(table.root_id for table in lesson.tables)]
    listed = await rest.request("POST", "documents/multiple", token, {"documentRootIds": roots})
    stored = {document["id"]: document for document in listed}
    pages = [
        (f"{student.key}, page {number + 1}", tab) for student in students for number, tab in enumerate(student.tabs)
    ]
    found.texts = _texts([*pages, ("the teacher's page", teacher)], stored)
    for student in students:
        for document_id, data in student.values.items():
            # None is a document that is gone.
            found.values[f"{student.key}, {document_id}"] = (data, stored.get(document_id, {}).get("data"))
        found.sent_messages += student.messages
        found.heard[student.key] = student.heard
    found.stored_messages = [one["data"]["text"] for one in listed if one["type"] == "text_message"]
    found.hidden = _hidden(lesson, students)
    return found


def _texts(pages: list[tuple[str, Tab]], stored: Mapping[str, Any]) -> list[SeenText]:
    found: dict[str, SeenText] = {}
    for page, tab in pages:
        for document_id, replica in tab.texts.items():
            seen = found.get(document_id)
            if seen is None:
                seen = found[document_id] = SeenText(document_id, _text_of(stored.get(document_id)), {}, [])
            seen.replicas[page] = replica.text
            seen.acknowledged += replica.acknowledged
            seen.unsure += replica.unsure
    return list(found.values())


def _text_of(document: Any) -> str:
    """Return the text that the hub has; empty for a document that is gone."""
    return "" if document is None else str(document["data"]["code"])


def _hidden(lesson: Lesson, students: list[Student]) -> dict[str, set[str]]:
    """Return, for each student, what is somebody else's own, and what is written at other tables."""
    own = set().union(*(student.documents for student in students))
    tables = {table.document_id for table in lesson.tables}
    return {
        student.key: (own - student.documents) | (tables - {lesson.table_of(student.email).document_id})
        for student in students
    }
