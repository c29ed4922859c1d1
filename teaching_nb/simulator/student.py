"""One simulated student: comes, types, ticks, runs, chats, sleeps and comes back."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

from teaching_nb.simulator.figures import Figures
from teaching_nb.simulator.people import Lesson
from teaching_nb.simulator.replica import Replica
from teaching_nb.simulator.rest import Rest
from teaching_nb.simulator.sockets import Cut
from teaching_nb.simulator.tab import BACK_SECONDS, Sent, Tab

THINK_SECONDS = 0.5, 4.0
ASLEEP_SECONDS = 1.0, 5.0
FLOOD_LETTERS = 120
OUTPUT_BYTES = 3_000
"""What a run puts out, on average half of it."""
STATES = ("unset", "checked", "question")


class Student:
    """Somebody with a kernel and one page, or two."""

    def __init__(
        self,
        lesson: Lesson,
        email: str,
        token: str,
        *,
        url: str,
        rest: Rest,
        sent: Sent,
        figures: Figures,
        seed: int,
    ) -> None:
        self.email = email
        self.key = f"s{lesson.students.index(email) + 1}"
        self.tabs: list[Tab] = []
        self.kernel = Tab(url, token, [], sent=sent, figures=figures, chance=random.Random(seed))  # noqa: S311 - as below
        self.messages: list[str] = []
        """Those that the hub acknowledged."""
        self.values: dict[str, Any] = {}
        """Document → its data as they were acknowledged last."""
        self.documents: set[str] = set()
        """Documents that are this student's own."""
        self.refusals: list[str] = []
        self._lesson = lesson
        self._table = lesson.table_of(email)
        self._token = token
        self._url = url
        self._rest = rest
        self._sent = sent
        self._figures = figures
        self._chance = random.Random(seed)  # noqa: S311 - what somebody does next, no secret
        self._code_id = self._task_id = self._run_id = ""
        self._said = 0

    async def come(self, *, tabs: int = 1) -> None:
        """Open everything, as often as it takes."""
        begun = time.perf_counter()
        while True:
            try:
                if not self.kernel.is_connected:
                    await self.kernel.open()
                await self._open_documents()
                for number in range(len(self.tabs), tabs):
                    tab = self._tab(number)
                    await tab.open()
                    self.tabs.append(tab)
                break
            except Cut:
                self._figures.done["attempts in vain"] += 1
                await asyncio.sleep(self._chance.uniform(*BACK_SECONDS))
        self._figures.opened.append(time.perf_counter() - begun)

    async def work(self, end: float, *, sleeps: bool, floods: bool) -> None:
        """Do something, and think, until the end; then have everything stored."""
        staying = [asyncio.create_task(each.stay()) for each in (self.kernel, *self.tabs)]
        try:
            while time.monotonic() < end:
                action = self._next_action(sleeps=sleeps, floods=floods)
                with contextlib.suppress(Cut):
                    await action(end)
                await asyncio.sleep(min(self._chance.uniform(*THINK_SECONDS), max(0.0, end - time.monotonic())))
        finally:
            for task in staying:
                task.cancel()
            await asyncio.gather(*staying, return_exceptions=True)

    async def settle(self) -> None:
        """Open all pages once more, so that each has what the hub has, and the hub what each has."""
        for tab in self.tabs:
            await tab.close()
        for tab in self.tabs:
            await tab.come_back()

    async def leave(self) -> None:
        """Close all pages."""
        for each in (self.kernel, *self.tabs):
            self.refusals += each.refusals
            await each.close()

    @property
    def heard(self) -> set[str]:
        """Return the documents of which the hub has said anything to this student."""
        return self.kernel.heard.union(*(tab.heard for tab in self.tabs))

    def _next_action(self, *, sleeps: bool, floods: bool) -> Callable[[float], Awaitable[None]]:
        actions = [self._write_together] * 6 + [self._write_alone] * 3 + [self._tick, self._run, self._chat]
        actions += [self._sleep] * sleeps + [self._flood] * floods
        return self._chance.choice(actions)

    async def _open_documents(self) -> None:
        if self._task_id:
            return
        lesson = self._lesson
        code = {"documentRootId": lesson.code_root, "type": "code", "data": {"code": f"# {self.key}\n"}}
        task = {"documentRootId": lesson.task_root, "type": "task_state", "data": {"state": "unset"}}
        self._code_id = (await self._request("POST", "documents/main", code))["id"]
        self._task_id = (await self._request("POST", "documents/main", task))["id"]
        self.documents |= {self._code_id, self._task_id}

    def _tab(self, number: int) -> Tab:
        author = f"{self.key}{'abc'[number]}"
        texts = [Replica(self._table.document_id, author), Replica(self._code_id, author)]
        return Tab(self._url, self._token, texts, sent=self._sent, figures=self._figures, chance=self._chance)

    @property
    def _any_tab(self) -> Tab:
        return self._chance.choice(self.tabs)

    async def _write_together(self, end: float) -> None:
        tab = self._any_tab
        await tab.write(tab.texts[self._table.document_id], end)

    async def _write_alone(self, end: float) -> None:
        tab = self._any_tab
        await tab.write(tab.texts[self._code_id], end)

    async def _flood(self, _end: float) -> None:
        tab = self._any_tab
        self._figures.done["floods"] += 1
        await tab.flood(tab.texts[self._table.document_id], FLOOD_LETTERS)

    async def _tick(self, _end: float) -> None:
        await self._save(self._task_id, {"state": self._chance.choice(STATES)})
        self._figures.done["ticks"] += 1

    async def _run(self, _end: float) -> None:
        """Keep how a run has ended, as a live cell does."""
        text = "x" * self._chance.randrange(OUTPUT_BYTES)
        data = {"status": "ok", "duration": 0.5, "outputs": [{"output_type": "stream", "name": "stdout", "text": text}]}
        if self._run_id:
            await self._save(self._run_id, data)
        else:
            wanted = {"documentRootId": self._lesson.code_root, "parentId": self._code_id, "type": "last_run"}
            made = await self._request("POST", "documents", {**wanted, "data": data})
            self._run_id = made["id"]
            self.documents.add(self._run_id)
            self.values[self._run_id] = data
        self._figures.done["runs"] += 1

    async def _chat(self, _end: float) -> None:
        message = f"{self.key} says {self._said};"
        self._said += 1
        wanted = {"documentRootId": self._lesson.chat_root, "parentId": self._lesson.container_id}
        await self._request("POST", "documents", {**wanted, "type": "text_message", "data": {"text": message}})
        self.messages.append(message)
        self._figures.done["messages"] += 1

    async def _sleep(self, _end: float) -> None:
        """Close the lid; the page types on where it was."""
        tab = self._any_tab
        tab.cut()
        self._figures.done["sleeps"] += 1
        await asyncio.sleep(self._chance.uniform(*ASLEEP_SECONDS))

    async def _save(self, document_id: str, data: Any) -> None:
        self.values.pop(document_id, None)
        await self._request("PUT", f"documents/{document_id}", {"data": data})
        self.values[document_id] = data

    async def _request(self, method: str, path: str, body: Any) -> Any:
        return await self._rest.request(method, path, self._token, body)
