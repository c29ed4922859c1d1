"""What pages say about edits that they send to the hub themselves, and what a model makes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.models import pending_reports
from teaching_nb.client.models.code import CodeModel
from teaching_nb.errors import Forbidden, TimedOut
from tests.harness.waiting import wait_until

SECONDS = 30.0
SAVED = {"is_live": True, "is_loaded": True, "is_synced": True, "access": "RW_User", "is_unsaved": False}


class Syncer:
    """A syncer that never gets an assignment stored by itself."""

    def __init__(self, model: CodeModel) -> None:
        self._model = model

    def edit(self, _name: str, _base: Any, _new: Any) -> None:
        """Take an assignment over."""
        self._model.gate.publish(is_unsaved=True)

    def discard(self) -> None:
        """Give nothing up."""


@pytest.fixture
def a_loop() -> Iterator[LoopThread]:
    """Run a loop thread until the test ends."""
    loop = LoopThread("a-loop")
    yield loop
    loop.stop()


@pytest.fixture
def a_code(a_loop: LoopThread) -> CodeModel:
    """Return a model whose kernel has saved everything."""
    model = CodeModel(a_loop, "code", {"code": "start"})
    model.gate.open(Syncer(model))
    publish(model, **SAVED)
    return model


@pytest.fixture
def a_comm(a_code: CodeModel) -> Iterator[Callable[..., None]]:
    """Return what takes a page's report, on a thread of its own as front ends with subshells do it."""
    with ThreadPoolExecutor(1) as subshell:

        def take(page: str, seq: int, stored: int) -> None:
            subshell.submit(a_code.take_report, page, seq=seq, stored=stored).result(SECONDS)
            settle(a_code)

        yield take


@pytest.fixture
def start_waiting(a_code: CodeModel) -> Iterator[Callable[[], Future[bool]]]:
    """Return a function that waits in another thread, and returns as soon as that waits."""
    with ThreadPoolExecutor(4) as threads:

        def start() -> Future[bool]:
            before = len(a_code.gate._waits)
            future = threads.submit(a_code.wait_saved, SECONDS)
            wait_until(lambda: len(a_code.gate._waits) > before or future.done(), "somebody waits", timeout=SECONDS)
            return future

        yield start


def settle(model: CodeModel) -> None:
    """Wait until the loop thread has done everything that was posted."""
    done = threading.Event()
    model.gate.post(done.set)
    assert done.wait(SECONDS)


def still_waits(model: CodeModel) -> bool:
    """Tell whether the one who waits has nothing to go on yet."""
    return [wait.is_over or bool(wait.trouble) for wait in model.gate._waits] == [False]


def publish(model: CodeModel, **facts: Any) -> None:
    """Let the client say how things are."""
    model.gate.post(lambda: model.gate.publish(**facts))
    settle(model)


def test_report_of_a_page_makes_the_model_say_saving(a_code: CodeModel, a_comm: Callable[..., None]) -> None:
    """From the first unstored edit on the model does not say saved; the kernel itself holds nothing."""
    assert a_code.save_state == "saved"

    a_comm("page", 1, 0)

    assert (a_code.save_state, a_code.has_unsaved, a_code.saved_here()[0]) == ("saving", False, "saved")
    assert "page" in a_code.save_detail
    a_comm("page", 1, 1)
    assert a_code.save_state == "saved"


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"is_live": False}, "offline"),
        ({"is_synced": False}, "offline"),
        ({"refusal": "deleted"}, "refused"),
        ({"access": "RO_User"}, "read-only"),
    ],
)
def test_typing_is_no_excuse_for_what_is_worse(
    a_code: CodeModel, a_comm: Callable[..., None], facts: dict[str, Any], state: str
) -> None:
    """A kernel that is offline or refused says so, whether somebody types in a page or not."""
    publish(a_code, **facts)

    a_comm("page", 1, 0)

    assert (a_code.save_state, a_code.saved_here()[0]) == (state, state)


def test_what_the_kernel_itself_holds_comes_first(a_code: CodeModel, a_comm: Callable[..., None]) -> None:
    """While both have something the sentence is about the kernel's; widgets are told of each change of it."""
    a_comm("page", 1, 0)
    seen: list[str] = []
    a_code.observe(lambda _change: seen.append(a_code.saved_here()[0]), ["save_state", "save_detail"])

    publish(a_code, is_unsaved=True)
    publish(a_code, is_unsaved=False)

    assert seen == ["saving", "saved"]


def test_waiting_ends_when_all_pages_have_stored(
    a_code: CodeModel, a_comm: Callable[..., None], start_waiting: Callable[[], Future[bool]]
) -> None:
    """Two pages type; the wait ends with the second one's report, not before."""
    a_comm("first", 1, 0)
    a_comm("second", 7, 5)
    waiting = start_waiting()

    a_comm("first", 1, 1)
    assert still_waits(a_code)
    a_comm("second", 7, 7)

    assert waiting.result(SECONDS)


def test_waiting_covers_what_was_typed_since_the_last_report(
    a_code: CodeModel, a_comm: Callable[..., None], start_waiting: Callable[[], Future[bool]]
) -> None:
    """A page reports seldom: only its next report says which edits there were when the wait began."""
    a_comm("page", 1, 0)
    waiting = start_waiting()

    a_comm("page", 5, 3)
    assert still_waits(a_code)
    a_comm("page", 6, 5)

    assert waiting.result(SECONDS)
    assert a_code.save_state == "saving"


def test_waiting_is_not_in_vain_while_somebody_types_without_end(
    a_code: CodeModel, a_comm: Callable[..., None], start_waiting: Callable[[], Future[bool]]
) -> None:
    """What is typed after the call is not waited for, nor is a page that begins after it."""
    a_comm("page", 1, 0)
    waiting = start_waiting()

    a_comm("other", 1, 0)
    a_comm("page", 2, 1)
    a_comm("page", 4, 3)

    assert waiting.result(SECONDS)


def test_waiting_goes_on_with_what_a_page_has_given_to_the_kernel(
    a_code: CodeModel, a_comm: Callable[..., None], start_waiting: Callable[[], Future[bool]]
) -> None:
    """A page that loses its lane sends its edits here; that all was stored here before does not count."""
    a_comm("page", 1, 0)
    waiting = start_waiting()
    publish(a_code, **SAVED)

    publish(a_code, is_unsaved=True)
    a_comm("page", 2, 2)
    assert still_waits(a_code)
    publish(a_code, is_unsaved=False)

    assert waiting.result(SECONDS)


def test_page_that_leaves_is_not_waited_for(
    a_code: CodeModel, a_comm: Callable[..., None], start_waiting: Callable[[], Future[bool]]
) -> None:
    """It has given the kernel what it had."""
    a_comm("page", 1, 0)
    waiting = start_waiting()

    a_code.forget_page("page")

    assert waiting.result(SECONDS)
    assert a_code.save_state == "saved"


def test_page_that_dies_is_waited_for_within_bounds(
    a_code: CodeModel,
    a_comm: Callable[..., None],
    start_waiting: Callable[[], Future[bool]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who waits for a page that falls silent is told so, and who waits later is not held up by it."""
    a_comm("page", 1, 0)
    waiting = start_waiting()
    monkeypatch.setattr(pending_reports, "SILENT_SECONDS", 0.1)
    a_comm("page", 1, 0)

    with pytest.raises(TimedOut, match="silent"):
        waiting.result(SECONDS)

    assert a_code.wait_saved(SECONDS)
    assert a_code.save_state == "saved"


def test_page_that_says_that_it_still_waits_is_not_taken_for_dead(
    a_code: CodeModel, a_comm: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each report counts anew."""
    now = [1_000.0]
    monkeypatch.setattr("teaching_nb.client.models.gate.time.monotonic", lambda: now[0])
    for _ in range(5):
        a_comm("page", 1, 0)
        now[0] += pending_reports.SILENT_SECONDS - 1
        a_comm("other", 1, 1)

    assert a_code.save_state == "saving"
    now[0] += 2
    a_comm("other", 1, 1)
    assert a_code.save_state == "saved"


def test_waiting_where_pages_cannot_be_heard_says_what_to_do(a_code: CodeModel) -> None:
    """Without subshells the reports of pages come on the thread that runs the cell: waiting there would be in vain."""
    a_code.take_report("page", seq=1, stored=0)

    with pytest.raises(TimedOut, match="next cell"):
        a_code.wait_saved(SECONDS)

    a_code.take_report("page", seq=1, stored=1)
    assert a_code.wait_saved(SECONDS)


def test_waiting_counts_what_has_come_and_was_not_looked_at_yet(a_code: CodeModel) -> None:
    """A report that has reached the kernel just before the call is seen, however busy the loop thread is."""
    release, blocked = threading.Event(), threading.Event()

    def block() -> None:
        blocked.set()
        release.wait(SECONDS)

    a_code.gate.post(block)
    assert blocked.wait(SECONDS)
    with ThreadPoolExecutor(1) as subshell, ThreadPoolExecutor(1) as cell:
        subshell.submit(a_code.take_report, "page", seq=1, stored=0).result(SECONDS)
        waiting = cell.submit(a_code.wait_saved, SECONDS)
        release.set()
        wait_until(lambda: a_code.gate._waits or waiting.done(), "somebody waits", timeout=SECONDS)
        assert not waiting.done()
        subshell.submit(a_code.take_report, "page", seq=1, stored=1).result(SECONDS)

        assert waiting.result(SECONDS)


def test_waiting_for_a_loop_thread_that_does_nothing_ends_in_time(a_code: CodeModel) -> None:
    """What has come cannot be known then, so nothing is said to be saved."""
    release, blocked = threading.Event(), threading.Event()

    def block() -> None:
        blocked.set()
        release.wait(SECONDS)

    a_code.gate.post(block)
    assert blocked.wait(SECONDS)

    with pytest.raises(TimedOut, match=r"not saved within 0\.2 s"):
        a_code.wait_saved(0.2)

    release.set()


def test_refusal_ends_waiting_for_a_page(
    a_code: CodeModel, a_comm: Callable[..., None], start_waiting: Callable[[], Future[bool]]
) -> None:
    """Access is taken away while somebody types: the wait ends with the reason."""
    a_comm("page", 1, 0)
    waiting = start_waiting()

    publish(a_code, access="RO_User")

    with pytest.raises(Forbidden, match="not change it"):
        waiting.result(SECONDS)
