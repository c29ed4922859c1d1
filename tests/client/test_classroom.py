"""The classroom: connecting, ending, and being a good guest in a process."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading

import pytest

from teaching_nb.client import Classroom, CodeModel, connect
from teaching_nb.errors import ConfigurationError, InvalidInput, NotConnected, NotFound, TimedOut
from tests.harness.cast import ALICE
from tests.harness.classrooms import ConnectAs
from tests.harness.hub_process import HubProcess
from tests.harness.processes import environment
from tests.harness.waiting import SECONDS, wait_for

NOWHERE = "http://127.0.0.1:9"


def run_python(source: str, hub: HubProcess | None = None) -> subprocess.CompletedProcess[str]:
    """Run a script as a kernel would: with the hub in the environment."""
    env = environment()
    if hub is not None:
        env |= {"TEACHING_NB_URL": hub.url, "TEACHING_NB_TOKEN": hub.token(ALICE)}
    command = [sys.executable, "-W", "error", "-c", source]
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=90, check=False)


def test_classroom_is_live_and_knows_who_we_are(alice: Classroom) -> None:
    """After connecting there are a user, a group, people and presence."""
    assert alice.is_live
    assert alice.user is not None
    assert alice.user.email == "student1@school.test"
    wait_for(alice.groups, "records", lambda groups: [group.name for group in groups.values()] == ["classA"])
    wait_for(alice.users, "records", lambda users: len(users) >= 3)
    assert alice.users.name_of(alice.user.id) == "Alice Adams"
    assert alice.users.name_of("nobody") == "somebody"
    wait_for(alice.presence, "counts", lambda counts: alice.user is not None and counts.get(alice.user.id, 0) >= 1)


def test_classroom_has_a_readable_representation(alice: Classroom, a_hub: HubProcess, a_course: str) -> None:
    """The last line of a cell shows course, hub, person and state, and no token."""
    text = repr(alice)

    assert all(part in text for part in (a_course, a_hub.url, "Alice Adams", "live"))
    assert a_hub.token(ALICE) not in text


def test_wrong_token_is_said_and_edits_are_kept(a_hub: HubProcess) -> None:
    """With a wrong token nothing raises; the status says what to do, and waiting ends."""
    with connect(a_hub.url, "wrong") as room:
        model = room.document("notes", init="kept")

        with pytest.raises(TimedOut, match="does not accept the token"):
            room.wait_live(0.5)
        assert isinstance(model, CodeModel)
        model.code = "mine"
        assert (model.save_state, model.unsent_text) == ("offline", "mine")
        assert "token" in model.save_detail


def test_unreachable_hub_is_no_error() -> None:
    """Connecting to nothing gives a classroom that is offline and says so."""
    with connect(NOWHERE, "t") as room:
        assert not room.is_live
        assert NOWHERE in room.status
        assert room.document("notes", init="a").save_state == "offline"
        with pytest.raises(TimedOut, match="cannot be reached"):
            room.wait_live(0.05)
        with pytest.raises(NotConnected):
            room.documents_of("00000000-0000-4000-8000-000000000000")


def test_connecting_without_address_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without environment and arguments the error says what to do."""
    monkeypatch.delenv("TEACHING_NB_URL", raising=False)
    monkeypatch.delenv("TEACHING_NB_TOKEN", raising=False)

    with pytest.raises(ConfigurationError, match="TEACHING_NB_URL"):
        connect()


def test_closing_sends_what_is_unsaved_and_ends_the_thread(connect_as: ConnectAs, a_hub: HubProcess) -> None:
    """After closing everything is stored, nothing runs any more, and a new edit says that it stays here."""
    room = connect_as(ALICE)
    model = room.document("notes", init="")
    assert isinstance(model, CodeModel)
    model.wait_loaded()
    record = room.document("odd", type="odd", init={"n": 1}, other_type=True)
    record.wait_loaded()
    model.code = "last words"
    record.data = {"n": 2}

    room.close()
    room.close()

    assert a_hub.stored(model.id, ALICE) == {"code": "last words"}
    assert a_hub.stored(record.id, ALICE) == {"n": 2}
    assert room.is_closed
    assert not room._loop._thread.is_alive()
    model.code = "too late"
    assert model.save_state == "offline"
    assert "in this notebook only" in model.save_detail
    with pytest.raises(NotConnected, match="closed"):
        room.documents_of(a_hub.person(ALICE).id)
    with pytest.raises(NotConnected, match="closed"):
        room.wait_live()


def test_closing_without_a_hub_does_not_wait() -> None:
    """Unsaved changes that cannot be sent do not hold up the end."""
    room = connect(NOWHERE, "t")
    model = room.document("notes")
    assert isinstance(model, CodeModel)
    model.code = "unsent"
    done = threading.Event()

    def close() -> None:
        room.close(60)
        done.set()

    threading.Thread(target=close, daemon=True).start()

    assert done.wait(30)


def test_documents_of_strangers_are_refused(alice: Classroom, a_hub: HubProcess) -> None:
    """Unknown ids and nonsense raise errors that say so."""
    with pytest.raises(NotFound):
        alice.open_document("00000000-0000-4000-8000-000000000000")
    with pytest.raises(InvalidInput, match="document"):
        alice.open_document("nonsense")
    with pytest.raises(InvalidInput, match="room"):
        alice.join_room("all")


def test_slugs_of_two_courses_are_two_documents(a_hub: HubProcess, a_course: str) -> None:
    """The same notebook in another course has documents of its own."""
    with connect(a_hub.url, a_hub.token(ALICE), a_course) as one, connect(a_hub.url, a_hub.token(ALICE)) as other:
        first, second = one.document(f"notes-{a_course}"), other.document(f"notes-{a_course}")
        first.wait_loaded(SECONDS)
        second.wait_loaded(SECONDS)

        assert first.id != second.id


def test_logs_hold_neither_token_nor_text(a_hub: HubProcess, a_course: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the log level, no secret and no answer of a student is written."""
    caplog.set_level(logging.DEBUG)

    with connect(a_hub.url, a_hub.token(ALICE), a_course) as room:
        model = room.document("notes", init="topsecrettext")
        assert isinstance(model, CodeModel)
        model.wait_loaded()
        model.code = "topsecrettext too"
        model.wait_saved()
        state = room.document("state", type="odd", init={"answer": "topsecrettext"}, other_type=True)
        state.wait_loaded()

    assert a_hub.token(ALICE) not in caplog.text
    assert "topsecrettext" not in caplog.text


def test_kernel_that_ends_without_closing_saves_its_last_edit(a_hub: HubProcess, a_course: str) -> None:
    """`connect()` without arguments works from the environment; what was typed last is sent at exit."""
    done = run_python(
        "from teaching_nb.client import connect\n"
        f"room = connect(course={a_course!r})\n"
        "room.wait_live(30)\n"
        "model = room.document('notes', init='')\n"
        "model.wait_loaded(30)\n"
        "print(model.id)\n"
        "model.code = 'last words'\n",
        a_hub,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert a_hub.stored(done.stdout.strip(), ALICE) == {"code": "last words"}


def test_nothing_is_printed_into_the_users_cells() -> None:
    """Failed connections and failing observers write to the log only."""
    done = run_python(
        "import threading\n"
        "from teaching_nb.client import connect\n"
        f"room = connect({NOWHERE!r}, 'token')\n"
        "model = room.document('notes')\n"
        "heard = threading.Event()\n"
        "def fail(change):\n"
        "    heard.set()\n"
        "    raise RuntimeError('a mistake')\n"
        "model.observe(fail, 'code')\n"
        "room._loop.post(model.show_data, {'code': 'remote'})\n"
        "assert heard.wait(30)\n"
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_forked_copy_says_that_it_is_not_connected(a_hub: HubProcess, a_course: str) -> None:
    """A process that multiprocessing copied neither hangs nor pretends to save; the original goes on."""
    done = run_python(
        "import os, sys\n"
        "from teaching_nb.client import connect\n"
        f"room = connect(course={a_course!r})\n"
        "room.wait_live(30)\n"
        "model = room.document('notes', init='')\n"
        "model.wait_loaded(30)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    model.code = 'child'\n"
        "    room.close()\n"
        "    good = room.is_closed and model.save_state == 'offline' and 'copy' in model.save_detail\n"
        "    os._exit(0 if good else 7)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "model.code = 'parent'\n"
        "model.wait_saved(30)\n"
        "print(a := model.save_state)\n",
        a_hub,
    )

    assert (done.stdout.split(), done.stderr) == (["0", "saved"], "")
