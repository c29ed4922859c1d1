"""What a kernel missed while it was not connected, asked for in one question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from teaching_nb.client import Classroom, DocumentModel, TaskStateModel
from teaching_nb.client.documents import catching_up
from teaching_nb.client.link.rest import Answer, Rest
from teaching_nb.schema import wire
from tests.faults.conftest import NewHub
from tests.faults.hub_runs import MortalHub, port_for_many_runs
from tests.faults.school import School
from tests.harness.cast import Person
from tests.harness.classrooms import SECONDS, Classrooms, opened
from tests.harness.waiting import wait_for, wait_value

TASKS = 12


class Requests(list[str]):
    """What the kernel asked of the hub, as `METHOD path`."""

    def documents(self) -> list[str]:
        """Return the requests that read documents or roots."""
        return [each for each in self if each.startswith(("GET /documents", "GET /documentRoots", "POST /sync"))]


@pytest.fixture
def a_hub(new_hub: NewHub) -> MortalHub:
    """Run a hub whose next life has the same address."""
    hub = new_hub(port=port_for_many_runs())
    hub.start()
    return hub


@pytest.fixture
def alice(a_hub: MortalHub, a_school: School) -> Iterator[Classroom]:
    """Connect a student."""
    with Classrooms() as kernels:
        yield kernels.start(a_hub.url, a_school.cast.student1)


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Requests:
    """Return a list of what kernels ask from now on."""
    seen = Requests()
    send = Rest._send

    async def noted(self: Rest, method: str, path: str, *more: Any) -> Answer:
        seen.append(f"{method} {path}")
        return await send(self, method, path, *more)

    monkeypatch.setattr(Rest, "_send", noted)
    return seen


def call(hub: MortalHub, person: Person, method: str, path: str, body: Any = None) -> Any:
    """Send a request as a person."""
    answer = httpx.request(method, f"{hub.url}/api/v1{path}", headers=person.headers, json=body, timeout=30)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def away(room: Classroom, happening: Callable[[], None]) -> None:
    """Have something happen while a kernel is not connected; return when it has caught up."""
    room._loop.post(lambda: setattr(room._connection._backoff, "next_delay", lambda **_: 3600.0))
    room._loop.post(room._connection.drop)
    with room._state._changed:
        assert room._state._changed.wait_for(lambda: not room.is_live, SECONDS)
    happening()
    room._loop.post(room._connection.retry_now)
    room.wait_live(SECONDS)


def tasks(room: Classroom) -> list[TaskStateModel]:
    """Open many task states."""
    models = [room.document(f"task{number}", type="task_state") for number in range(TASKS)]
    for model in models:
        model.wait_loaded(SECONDS)
    return [model for model in models if isinstance(model, TaskStateModel)]


def test_missed_changes_are_asked_for_in_one_question(
    a_hub: MortalHub, a_school: School, alice: Classroom, requests: Requests
) -> None:
    """After a break of the connection all records are up to date, and none of them was read by itself."""
    person = a_school.cast.student1
    models = tasks(alice)

    def happening() -> None:
        call(a_hub, person, "PUT", f"/documents/{models[3].id}", {"data": {"state": "question"}})
        requests.clear()

    away(alice, happening)

    wait_value(models[3], "state", "question", SECONDS)
    for model in models:
        wait_value(model, "save_state", "saved", SECONDS)
    assert requests.documents() == ["POST /sync"]


def test_second_break_is_asked_about_from_where_the_first_ended(
    a_hub: MortalHub, a_school: School, alice: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub is told up to which change everything is known, so that it need not send what has not changed."""
    answers: list[Any] = []
    missed = Rest.missed

    async def noted(self: Rest, known: Any) -> Any:
        answers.append(await missed(self, known))
        return answers[-1]

    monkeypatch.setattr(Rest, "missed", noted)
    person, models = a_school.cast.student1, tasks(alice)
    for word in ("question", "checked"):
        body = {"data": {"state": word}}
        away(alice, lambda body=body: call(a_hub, person, "PUT", f"/documents/{models[0].id}", body))  # type: ignore[misc]
        wait_value(models[0], "state", word, SECONDS)

    told = [[document.id for root in answer.roots for document in root.documents] for answer in answers]
    assert told[-1] == [models[0].id]
    assert answers[-1].since > answers[-2].since


def test_deletion_and_end_of_access_are_noticed_after_each_break(
    a_hub: MortalHub, a_school: School, alice: Classroom
) -> None:
    """What was deleted, or closed to us, while we were away stays so in this kernel, however often it reconnects."""
    mine = tasks(alice)[:2]
    shared = opened(alice, a_school.record_id, DocumentModel)

    def happening() -> None:
        call(a_hub, a_school.cast.student1, "DELETE", f"/documents/{mine[0].id}")
        call(
            a_hub,
            a_school.cast.admin,
            "PUT",
            f"/documentRoots/{a_school.root_id}",
            {"sharedAccess": "None_DocumentRoot"},
        )

    away(alice, happening)
    for _ in range(2):
        wait_for(mine[0], "save_state", lambda state: state == "refused", SECONDS)
        wait_for(shared, "save_state", lambda state: state == "refused", SECONDS)
        wait_value(mine[1], "save_state", "saved", SECONDS)
        away(alice, lambda: None)
    assert "deleted" in mine[0].save_detail or "does not exist" in mine[0].save_detail
    wait_for(mine[0], "save_state", lambda state: state == "refused", SECONDS)


def test_lowered_access_is_known_after_a_break(a_hub: MortalHub, a_school: School, alice: Classroom) -> None:
    """A record that became read-only while we were away says so, and what is written then is not stored."""
    shared = opened(alice, a_school.record_id, DocumentModel)
    assert shared.can_edit
    path = f"/documentRoots/{a_school.root_id}"

    away(alice, lambda: call(a_hub, a_school.cast.admin, "PUT", path, {"sharedAccess": "RO_DocumentRoot"}))

    wait_value(shared, "save_state", "read-only", SECONDS)
    assert not shared.can_edit


def test_own_changes_made_meanwhile_are_merged_and_saved(a_hub: MortalHub, a_school: School, alice: Classroom) -> None:
    """What was changed on both sides during a break ends with both changes."""
    shared = opened(alice, a_school.record_id, DocumentModel)

    def happening() -> None:
        body = {"data": {"entries": [], "theirs": 1}}
        call(a_hub, a_school.cast.teacher, "PUT", f"/documents/{shared.id}", body)
        shared.data = {"entries": [], "ours": 2}

    away(alice, happening)
    shared.wait_saved(SECONDS)

    both = {"entries": [], "theirs": 1, "ours": 2}
    assert shared.data == both
    assert call(a_hub, a_school.cast.teacher, "GET", f"/documents/{shared.id}")["document"]["data"] == both


def test_known_roots_are_brought_up_to_date(a_hub: MortalHub, a_school: School, alice: Classroom) -> None:
    """A root that this kernel has heard of has its present access after a break."""
    path, admin = f"/documentRoots/{a_school.root_id}", a_school.cast.admin
    call(a_hub, admin, "PUT", path, {"sharedAccess": "RO_DocumentRoot"})
    wait_for(alice.roots, "records", lambda records: a_school.root_id in records, SECONDS)

    away(alice, lambda: call(a_hub, admin, "PUT", path, {"sharedAccess": "RW_DocumentRoot"}))

    wait_for(alice.roots, "records", lambda roots: roots[a_school.root_id].shared_access == "RW_DocumentRoot", SECONDS)


@pytest.mark.parametrize("obstacle", ["not offered", "fails"])
def test_hub_without_the_feature_is_read_as_a_whole(
    a_hub: MortalHub,
    a_school: School,
    alice: Classroom,
    requests: Requests,
    monkeypatch: pytest.MonkeyPatch,
    obstacle: str,
) -> None:
    """With a hub that does not offer the question, or cannot answer it, every record is read by itself."""
    models, person = tasks(alice), a_school.cast.student1
    if obstacle == "not offered":
        monkeypatch.setattr(catching_up, "FEATURE", "a feature of tomorrow")
        alice._missed._has_feature = False
    else:

        async def missed(self: Rest, known: Any) -> Any:
            return await self._request("POST", f"/sync/{wire.new_id()}", {"roots": []})

        monkeypatch.setattr(Rest, "missed", missed)

    def happening() -> None:
        call(a_hub, person, "PUT", f"/documents/{models[3].id}", {"data": {"state": "question"}})
        requests.clear()

    away(alice, happening)

    wait_value(models[3], "state", "question", SECONDS)
    for model in models:
        wait_value(model, "save_state", "saved", SECONDS)
    assert {each for each in requests if each.startswith("GET /documents/")} == {
        f"GET /documents/{model.id}" for model in models
    }


def test_killed_hub_is_caught_up_with(a_hub: MortalHub, a_school: School, alice: Classroom) -> None:
    """A hub that was killed and started again tells what changed in between."""
    models, person = tasks(alice), a_school.cast.student1
    room_back = alice._connection._backoff
    a_hub.kill()
    wait_value(models[0], "save_state", "offline", SECONDS)
    room_back.next_delay = lambda **_: 3600.0  # type: ignore[method-assign]
    alice._connection._wake.set()
    a_hub.start()
    call(a_hub, person, "PUT", f"/documents/{models[0].id}", {"data": {"state": "checked"}})
    alice._loop.post(alice._connection.retry_now)

    wait_value(models[0], "state", "checked", SECONDS)
