"""The limits as somebody in a kernel meets them: at the limit it is saved, above it they read why, and go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pycrdt
import pytest
from traitlets import TraitError

from teaching_nb.client import Classroom, CodeModel, DocumentModel
from teaching_nb.errors import Forbidden
from teaching_nb.schema.limits import JSON_DEPTH, LIVE_TEXT_BYTES, LIVE_UPDATE_BYTES, REST_BODY_BYTES
from tests.faults.conftest import NewHub
from tests.faults.hub_runs import MortalHub
from tests.faults.school import School
from tests.harness.classrooms import SECONDS, Classrooms, opened
from tests.harness.waiting import wait_for

FRAME = len(json.dumps({"code": ""}, separators=(",", ":")))
"""Bytes around the text of a code document."""

PAGE = 2**31
"""Client id of a page; it stands in every update, and larger ones take more bytes."""


@pytest.fixture
def a_hub(new_hub: NewHub) -> MortalHub:
    """Run a hub."""
    hub = new_hub()
    hub.start()
    return hub


@pytest.fixture
def alice(a_hub: MortalHub, a_school: School) -> Iterator[Classroom]:
    """Connect a student."""
    with Classrooms() as kernels:
        yield kernels.start(a_hub.url, a_school.cast.student1)


@pytest.fixture
def a_text(alice: Classroom, a_school: School) -> CodeModel:
    """Open the school's live text."""
    return opened(alice, a_school.text_id, CodeModel)


def stored(hub: MortalHub, school: School, document_id: str) -> Any:
    """Return the data of a document as the hub has it."""
    answer = httpx.get(f"{hub.url}/api/v1/documents/{document_id}", headers=school.cast.teacher.headers, timeout=30)
    answer.raise_for_status()
    return answer.json()["document"]["data"]


def page_edit(model: CodeModel, text: str) -> bytes:
    """Return the update of a page that inserts a text at the beginning."""
    page: pycrdt.Doc[Any] = pycrdt.Doc(client_id=PAGE)
    answers: list[bytes] = []
    wait_for_reply(model, answers)
    page.apply_update(answers[0])
    before = page.get_state()
    page.get("data", type=pycrdt.Map)["code"].insert(0, text)
    return page.get_update(before)


def wait_for_reply(model: CodeModel, answers: list[bytes]) -> None:
    """Ask for the whole document, as a page does."""
    import threading

    arrived = threading.Event()

    def reply(update: bytes, _state_vector: bytes, _epoch: int) -> None:
        answers.append(update)
        arrived.set()

    model.get_update(b"\x00", reply)
    assert arrived.wait(SECONDS)


@pytest.mark.parametrize("spare", [1, 0])
def test_text_up_to_the_limit_is_saved(a_hub: MortalHub, a_school: School, a_text: CodeModel, spare: int) -> None:
    """A text that just fits reaches the hub as it is."""
    text = "x" * (LIVE_TEXT_BYTES - FRAME - spare)

    a_text.code = text
    a_text.wait_saved(SECONDS)

    assert stored(a_hub, a_school, a_text.id) == {"code": text}


def test_text_above_the_limit_is_said_and_can_be_shortened(
    a_hub: MortalHub, a_school: School, alice: Classroom, a_text: CodeModel
) -> None:
    """One character too many is kept here and explained; without it everything is saved."""
    a_text.code = "before\n"
    a_text.wait_saved(SECONDS)
    fitting = "y" * (LIVE_TEXT_BYTES - FRAME)

    a_text.code = f"{fitting}z"
    with pytest.raises(Forbidden, match=f"{LIVE_TEXT_BYTES + 1}.*{LIVE_TEXT_BYTES}"):
        a_text.wait_saved(SECONDS)

    assert (a_text.save_state, a_text.has_unsaved, alice.is_live) == ("refused", True, True)
    assert f"the limit is {LIVE_TEXT_BYTES}: shorten it" in a_text.save_detail
    assert stored(a_hub, a_school, a_text.id) == {"code": "before\n"}
    a_text.code = fitting
    a_text.wait_saved(SECONDS)
    assert stored(a_hub, a_school, a_text.id) == {"code": fitting}


@pytest.mark.parametrize("size", [2 * LIVE_TEXT_BYTES, 5 * LIVE_TEXT_BYTES])
def test_far_too_long_text_can_be_taken_back(a_hub: MortalHub, a_school: School, a_text: CodeModel, size: int) -> None:
    """Whoever pasted megabytes and removes them goes on as if nothing had been."""
    a_text.code = "before\n"
    a_text.wait_saved(SECONDS)

    a_text.code += "x" * size
    with pytest.raises(Forbidden, match="shorten it"):
        a_text.wait_saved(SECONDS)
    a_text.code = "before\nafter\n"
    a_text.wait_saved(SECONDS)

    assert stored(a_hub, a_school, a_text.id) == {"code": "before\nafter\n"}
    assert (a_text.save_state, a_text.has_unsaved) == ("saved", False)


def test_edit_of_a_page_above_the_limit_goes_in_pieces(
    a_hub: MortalHub, a_school: School, alice: Classroom, a_text: CodeModel
) -> None:
    """A page's paste that fits into no message, but into the document, is saved all the same."""
    a_text.code = "before\n"
    a_text.wait_saved(SECONDS)
    paste = "x" * (LIVE_UPDATE_BYTES + 1)

    a_text.apply_update(page_edit(a_text, paste), "page", a_text.epoch)
    wait_for(a_text, "code", lambda text: len(text) > LIVE_UPDATE_BYTES, SECONDS)
    a_text.wait_saved(SECONDS)
    a_text.code += "after\n"
    a_text.wait_saved(SECONDS)

    assert stored(a_hub, a_school, a_text.id) == {"code": f"{paste}before\nafter\n"}


def test_edit_of_a_page_up_to_the_limit_is_saved(a_hub: MortalHub, a_school: School, a_text: CodeModel) -> None:
    """An update of just as many bytes as a message may have is stored."""
    around = len(page_edit(a_text, "x" * (LIVE_UPDATE_BYTES - 100))) - (LIVE_UPDATE_BYTES - 100)
    update = page_edit(a_text, "x" * (LIVE_UPDATE_BYTES - around))
    assert len(update) == LIVE_UPDATE_BYTES

    a_text.apply_update(update, "page", a_text.epoch)
    wait_for(a_text, "code", lambda text: len(text) > 0, SECONDS)
    a_text.wait_saved(SECONDS)

    assert len(stored(a_hub, a_school, a_text.id)["code"]) == LIVE_UPDATE_BYTES - around


def nested(levels: int) -> Any:
    """Return a value within so many objects."""
    data: Any = 1
    for _ in range(levels):
        data = {"a": data}
    return data


def test_record_up_to_the_limits_is_saved(a_hub: MortalHub, a_school: School, alice: Classroom) -> None:
    """A record as large, or nested as deeply, as the hub takes is stored."""
    model = opened(alice, a_school.record_id, DocumentModel)
    around = len(json.dumps({"data": {"text": ""}}, separators=(",", ":")))
    large = {"text": "x" * (REST_BODY_BYTES - around)}

    for data in (large, nested(JSON_DEPTH)):
        model.data = data
        model.wait_saved(SECONDS)
        assert stored(a_hub, a_school, model.id) == data


def test_record_above_the_depth_is_refused_at_once(a_hub: MortalHub, a_school: School, alice: Classroom) -> None:
    """One level too many is an error of the assignment; the record is as it was, and the next change is saved."""
    model = opened(alice, a_school.record_id, DocumentModel)
    before = stored(a_hub, a_school, model.id)

    with pytest.raises(TraitError, match=str(JSON_DEPTH)):
        model.data = nested(JSON_DEPTH + 1)

    assert (model.data, model.save_state) == (before, "saved")
    assert stored(a_hub, a_school, model.id) == before
    model.data = {"text": "short"}
    model.wait_saved(SECONDS)
    assert stored(a_hub, a_school, model.id) == {"text": "short"}


def test_record_above_the_size_is_said_and_can_be_changed(a_hub: MortalHub, a_school: School, alice: Classroom) -> None:
    """One byte too many is kept here and explained; the next change is saved."""
    model = opened(alice, a_school.record_id, DocumentModel)
    around = len(json.dumps({"data": {"text": ""}}, separators=(",", ":")))
    limit = REST_BODY_BYTES
    before = stored(a_hub, a_school, model.id)

    model.data = {"text": "x" * (limit - around + 1)}
    with pytest.raises(Forbidden, match=str(limit)):
        model.wait_saved(SECONDS)

    assert (model.save_state, model.has_unsaved, alice.is_live) == ("refused", True, True)
    assert str(limit) in model.save_detail
    assert stored(a_hub, a_school, model.id) == before
    model.data = {"text": "short"}
    model.wait_saved(SECONDS)
    assert stored(a_hub, a_school, model.id) == {"text": "short"}
