"""A document that starts over: whatever was stored, lost or on its way, each edit is in the hub's text once."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import pycrdt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.sync import edit_sender
from teaching_nb.client.sync.shared_doc import NOTHING_KNOWN
from teaching_nb.client.sync.state_vector import read_state_vector
from teaching_nb.client.sync.unmerged import MOST_REPLACED
from teaching_nb.errors import InvalidInput, NotConnected, OperationalError
from teaching_nb.hub.crdt.client_ids import ClientIds
from teaching_nb.hub.crdt.document import Damaged, LiveDoc
from teaching_nb.schema import events
from teaching_nb.schema.known_items import first_differences
from tests.client.sync.test_live_text_refusals import Scene, ScriptedHub
from tests.client.sync.test_shared_doc import as_hub
from tests.harness.cast import ALICE, BOB

EXAMPLES = 60
ROUNDS = 200
"""So often somebody looks whether all is saved, before the test fails."""


class Hub(ScriptedHub):
    """A hub with the real document, whose answers to edits wait until somebody lets them go."""

    def __init__(self) -> None:
        super().__init__()
        self.document = LiveDoc("code", [as_hub("start;")])
        self.ids = ClientIds(lambda _document, _client: None)
        self.answers = asyncio.Event()
        self.cut = ""
        """What happens to the next edit: it is lost, its acknowledgement is, or it is refused."""

    async def call(self, event: str, payload: Any, timeout: float | None = None) -> Any:
        """Answer as the hub does, as soon as it may."""
        if event == events.SYNC_DOCUMENT:
            document = self.document
            update, known = document.update_since(payload.state_vector), document.state_vector
            return {"ok": True, "update": update, "stateVector": known, "access": self.access, "revision": 1}
        await self.answers.wait()
        cut, self.cut = self.cut, ""
        if cut == "lost":
            raise NotConnected("the connection is gone")
        if cut == "refused":
            return InvalidInput("update builds on edits that the hub does not know").to_ack()
        refusal = self.store(payload.update)
        if cut:
            raise NotConnected("the connection is gone")
        return refusal.to_ack() if refusal is not None else {"ok": True, "revision": 2}

    def store(self, update: bytes, person: str = ALICE) -> OperationalError | None:
        """Store an edit, unless it is refused."""
        before = self.document.update_since()
        try:
            self.document.apply(update, self.ids.of("d", person))
        except Damaged as error:
            self.document = LiveDoc("code", [before])
            return error.refusal
        except OperationalError as error:
            return error
        return None

    def restart(self) -> None:
        """Come back with what is stored, and without knowing whose the client ids are."""
        self.document = LiveDoc("code", [self.document.update_since()])
        self.ids = ClientIds(lambda _document, _client: None)


class World:
    """A kernel, a page of it, a hub, somebody who writes under others' client ids; and every word that was typed.

    Each method without an underscore is something that can happen.
    """

    def __init__(self, scene: Scene, hub: Hub) -> None:
        self._live, self._hub = scene.live, hub
        self._words: dict[str, int] = {"start;": 1}
        """How often each word has to be in the text at the end."""
        self._forged: set[str] = set()
        self._on_the_way: list[bytes] = []
        self._open_page()

    def kernel_types(self) -> None:
        """Python changes the text."""
        text = self._live.doc.text
        self._live.edit("code", text, text + self._word("kernel"))

    def page_types(self) -> None:
        """The edit goes to the kernel."""
        self._tell_kernel(self._typed())

    def lane_stores(self) -> None:
        """The edit goes to the hub, and the hub tells the kernel."""
        self._type_on_lane(is_told=True, is_acknowledged=True)

    def lane_ends_before_its_acknowledgement(self) -> None:
        """The edit is stored; the kernel hears it from the page, then from the hub."""
        self._type_on_lane(is_told=True, is_acknowledged=False)

    def lane_ends_and_the_hub_is_not_heard(self) -> None:
        """The edit is stored; the kernel hears it from the page alone."""
        self._type_on_lane(is_told=False, is_acknowledged=False)

    def lane_is_slow(self) -> None:
        """The page has given up waiting, and told the kernel; the hub stores it at the very end."""
        update = self._typed()
        if self._has_lane():
            self._on_the_way.append(update)
        self._tell_kernel(update)

    def page_deletes(self) -> None:
        """The page takes the last word away; the edit goes to the kernel."""
        text = str(self._shared)
        start = text.rfind(";", 0, -1) + 1
        if text[start:] in self._words:
            self._words[text[start:]] = 0
            self._tell_kernel(self._edit(lambda shared: shared.__delitem__(slice(start, len(text)))))

    def kernel_is_forged(self) -> None:
        """Somebody writes under the kernel's client id, once."""
        self._forge("kernel", self._live.doc._doc.client_id)

    def page_is_forged(self) -> None:
        """Somebody writes under the page's client id, once."""
        self._forge("page", self._page.client_id)

    def page_asks_to_start_over(self) -> None:
        """The hub has refused an edit of the page: its names are taken."""
        self._live.renew(self._live.model.epoch)

    def page_hears_of_the_document(self) -> None:
        """It goes on with the kernel's present document; it types into the old one until then."""
        self._open_page()

    def hub_restarts(self) -> None:
        """It no longer knows whose the client ids are."""
        self._hub.restart()

    def edit_is_lost(self) -> None:
        """The next edit of the kernel does not arrive."""
        self._hub.cut = "lost"

    def acknowledgement_is_lost(self) -> None:
        """The next edit of the kernel is stored, and it does not hear of it."""
        self._hub.cut = "unacknowledged"

    def _edit_is_refused(self) -> None:
        """The next edit of the kernel is refused, and said anew."""
        self._hub.cut = "refused"

    async def settle(self) -> None:
        """Whatever waits is answered, until the kernel has nothing unsaved."""
        self._hub.answers.set()
        for _ in range(ROUNDS):
            await asyncio.sleep(0.001)
            is_busy = self._live._sender._task is not None
            if not is_busy and not self._live._is_synced:
                await self._live.sync()
            elif not is_busy and not self._live._sender.unsent:
                break
        else:
            pytest.fail("something is not saved")
        self._hub.answers.clear()

    async def _play(self, steps: Iterable[str]) -> None:
        for step in steps:
            result = getattr(self, step)()
            if result is not None:
                await result
            for _ in range(3):
                await asyncio.sleep(0)
        await self.settle()
        for update in self._on_the_way:
            self._hub.store(update)
        await self._live.sync()
        await self.settle()

    def _outcome(self) -> dict[str, int]:
        """Return how often which word is in the hub's text; the kernel must have the same text.

        What is forged does not count: somebody who writes under others' names may lose it to them.
        """
        text = self._hub.document.data()["code"]
        assert self._live.doc.text == text
        # A difference of texts may take one “;” for another.
        return {word: text.count(word.rstrip(";")) for word in self._words}

    def _open_page(self) -> None:
        self._page: pycrdt.Doc[Any] = pycrdt.Doc()
        self._page.apply_update(self._live.doc.update_since(NOTHING_KNOWN))
        self._epoch = self._live.model.epoch

    @property
    def _shared(self) -> pycrdt.Text:
        shared: pycrdt.Text = self._page.get("data", type=pycrdt.Map)["code"]
        return shared

    def _word(self, who: str) -> str:
        word = f"{who}{len(self._words):02};"
        self._words[word] = 1
        return word

    def _typed(self) -> bytes:
        known = read_state_vector(self._live.doc.state_vector).get(self._page.client_id, 0)
        is_known_otherwise = known > read_state_vector(self._page.get_state()).get(self._page.client_id, 0)
        # The kernel cannot tell from what it has got under a page's names that they are forged.
        if is_known_otherwise or self._live.model.epoch - self._epoch >= MOST_REPLACED:
            self._open_page()
        if self._epoch == self._live.model.epoch:
            self._page.apply_update(self._live.doc.update_since(self._page.get_state()))
        word = self._word("page")
        return self._edit(lambda shared: shared.insert(len(shared), word))

    def _edit(self, change: Any) -> bytes:
        known = self._page.get_state()
        change(self._shared)
        return self._page.get_update(known)

    def _has_lane(self) -> bool:
        """Tell whether the hub has all that the page has of others: a lane begins with nothing unsaved."""
        there = read_state_vector(self._hub.document.state_vector)
        mine = read_state_vector(self._page.get_state())
        lacking = {client for client, end in mine.items() if end > there.get(client, 0)}
        forged = first_differences(self._page.get_update(), self._hub.document.update_since())
        return not forged and lacking <= {self._page.client_id}

    def _type_on_lane(self, *, is_told: bool, is_acknowledged: bool) -> None:
        update = self._typed()
        is_stored = self._has_lane() and self._hub.store(update) is None
        if not is_stored or not is_acknowledged:
            self._tell_kernel(update)
        if is_stored and is_told:
            self._live.on_update(update)

    def _tell_kernel(self, update: bytes) -> None:
        self._live.apply_update(update, "page", self._epoch, None)

    def _kernel_is_forged_at_length(self) -> None:
        """Somebody writes more under the kernel's client id than the kernel does."""
        self._forge("kernel", self._live.doc._doc.client_id, "forged at length;")

    def _forge(self, who: str, client_id: int, text: str = "forged;") -> None:
        if who in self._forged:
            return
        self._forged.add(who)
        forger: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client_id)
        forger.apply_update(self._hub.document.update_since())
        shared = forger.get("data", type=pycrdt.Map)["code"]
        shared.insert(0, text)
        self._hub.store(forger.get_update(self._hub.document.state_vector), BOB)


STEPS = [name for name in vars(World) if not name.startswith("_")]


@pytest.fixture(scope="module")
def a_loop() -> Iterator[LoopThread]:
    """Return the thread on which live texts live."""
    loop = LoopThread()
    yield loop
    loop.stop()


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let kernels send without a pause."""
    monkeypatch.setattr(edit_sender, "SPACING_SECONDS", 0.0)


def check(loop: LoopThread, steps: Iterable[str]) -> None:
    """Play some steps; every word that was typed must be in the text once at the end."""
    hub = Hub()
    world = World(Scene(loop, hub), hub)
    future = loop.start(world._play(steps))
    assert future is not None
    future.result(30)
    assert world._outcome() == world._words


FORGED = ["kernel_is_forged", "kernel_types"]
"""With this the kernel has to start over as soon as it is answered."""

ORDERS = {
    "a lane ends before its acknowledgement": ["lane_ends_before_its_acknowledgement", *FORGED],
    "a lane ends, and only the page tells the kernel": ["lane_ends_and_the_hub_is_not_heard", *FORGED],
    "an edit is stored after the kernel has started over": ["lane_is_slow", *FORGED, "settle"],
    "an acknowledgement of the kernel is lost": [
        "kernel_types", "acknowledgement_is_lost", "settle", "hub_restarts", *FORGED,
    ],
    "an edit comes late, after it was stored": [*FORGED, "settle", "lane_ends_before_its_acknowledgement"],
    "an edit comes late, and is stored later": [*FORGED, "settle", "lane_is_slow"],
    "an edit is said anew": ["kernel_types", "_kernel_is_forged_at_length", "_edit_is_refused"],
    "page and kernel have to start over": ["page_types", "settle", "page_is_forged", "lane_is_slow", *FORGED],
}  # fmt: skip


@pytest.mark.parametrize("steps", ORDERS.values(), ids=list(ORDERS))
def test_edit_is_in_the_text_once(a_loop: LoopThread, steps: list[str]) -> None:
    """In orders of storing, acknowledging and starting over that are known to be difficult."""
    check(a_loop, steps)


@pytest.mark.parametrize("steps", list(itertools.permutations(STEPS, 2)), ids=", ".join)
def test_edits_are_in_the_text_once_whatever_two_things_happen_before(
    a_loop: LoopThread, steps: tuple[str, str]
) -> None:
    """Before the kernel has to start over."""
    check(a_loop, ["kernel_types", "settle", *steps, *FORGED])


@settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=12))
def test_edits_are_in_the_text_once_whatever_happens(a_loop: LoopThread, steps: list[str]) -> None:
    """In any order."""
    check(a_loop, steps)
