"""When a changed document is saved."""

from __future__ import annotations

import asyncio

import pytest

from teaching_nb.client.sync.save_delay import SaveDelay


class Clock:
    """A loop's time that stands until it is set."""

    now = 100.0

    def time(self) -> float:
        """Return the time."""
        return self.now


async def test_who_goes_on_typing_is_saved_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when a key falls into a save: it is the first change of the next one, and waits as long as any."""
    clock = Clock()
    waited: list[float] = []
    monkeypatch.setattr("asyncio.get_running_loop", lambda: clock)

    async def wait_for(waiting: asyncio.Future[bool], seconds: float) -> None:
        waiting.close()  # type: ignore[attr-defined]
        waited.append(seconds)
        clock.now += seconds

    monkeypatch.setattr("asyncio.wait_for", wait_for)
    delay = SaveDelay()
    for _ in range(50):
        delay.changed(is_urgent=False)
        clock.now += 0.11
    await delay.wait()
    assert waited == []

    delay.sent()
    delay.changed(is_urgent=False)
    clock.now += 0.1
    delay.changed(is_urgent=False)
    await delay.wait()

    assert waited == [pytest.approx(1.0)]
