"""What all widgets do, and the small ones, without a browser."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from comm import DummyComm

import teaching_nb as tnb
from teaching_nb.client import CodeModel
from teaching_nb.errors import Forbidden, InvalidInput
from teaching_nb.widgets import bundle, default_classroom
from teaching_nb.widgets.code import CodeWidget
from teaching_nb.widgets.task_state import TaskWidget
from tests.harness.offline import offline_classroom, offline_model
from tests.harness.waiting import wait_value
from tests.widgets.recording import Sent


@pytest.fixture
def a_code_widget() -> CodeWidget:
    """Return a live code cell without a hub."""
    return CodeWidget(offline_model("code", "x = 1"))


def say(widget: Any, kind: str, **content: Any) -> None:
    """Let a page send a message to a widget."""
    widget._handle_custom_msg({"kind": kind, **content}, [])


def test_importing_the_package_is_cheap() -> None:
    """A hub that imports teaching_nb does not pay for Jupyter or widgets."""
    code = (
        "import sys, teaching_nb, teaching_nb.hub; print([m for m in ('traitlets', 'anywidget') if m in sys.modules])"
    )

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "[]"


def test_the_package_offers_what_a_notebook_needs() -> None:
    """The names exist, and a wrong one is an AttributeError that names it."""
    assert {"code", "connect", "rooms", "task", "text"} <= set(dir(tnb))
    assert tnb.code.__module__ == "teaching_nb.widgets.code"
    with pytest.raises(AttributeError, match="holodeck"):
        _ = tnb.holodeck


def test_a_widget_is_opened_with_all_that_its_model_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """One message opens it: a page with many widgets pays for each further one."""
    published: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(
        DummyComm, "publish_msg", lambda _comm, kind, data=None, **_rest: published.append((kind, data or {}))
    )

    widget = CodeWidget(offline_model("code", "x = 1"), title="here")

    opened = [data["state"] for kind, data in published if kind == "comm_open" and "kind" in data["state"]]
    assert [kind for kind, _data in published if kind == "comm_msg"] == []
    assert opened[0]["save_detail"] == widget.model.save_detail != ""
    assert opened[0]["title"] == "here"


def test_a_widget_shows_what_its_model_says(a_code_widget: CodeWidget) -> None:
    """Save state and access follow the model."""
    assert a_code_widget.save_state == a_code_widget.model.save_state == "offline"
    assert a_code_widget.access == ""
    assert isinstance(a_code_widget.model, CodeModel)

    a_code_widget.model.code = "x = 2"

    wait_value(a_code_widget, "has_unsaved", value=True)


def test_a_version_that_waits_is_shown_and_decided_about(a_code_widget: CodeWidget) -> None:
    """What an earlier kernel has left is taken from the page; its user uses it, or gives it up."""
    widget, model = a_code_widget, a_code_widget.model
    assert isinstance(model, CodeModel)

    for text in ("mine", "earlier"):
        say(widget, "set_aside", text=text)
    wait_value(widget, "unmerged", ["mine", "earlier"])
    # The versions are not part of the text: nothing of it waits to be sent.
    assert not widget.has_unsaved
    assert model.has_unsaved
    assert "your version" in widget.save_detail

    say(widget, "use_mine")
    wait_value(widget, "unmerged", ["earlier"])
    assert model.code == "mine"
    say(widget, "keep_theirs")
    wait_value(widget, "unmerged", [])
    say(widget, "keep_theirs")

    assert (model.code, widget.problem) == ("mine", "")


def test_a_page_that_sees_the_hub_has_the_kernel_try_at_once(
    a_code_widget: CodeWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel that would wait for an hour makes its next attempt."""
    room, has_failed = offline_classroom(), threading.Event()

    def patient(**_kind: bool) -> float:
        has_failed.set()
        return 3600.0

    monkeypatch.setattr(room._connection._backoff, "next_delay", patient)
    room._loop.post(room._connection.retry_now)
    assert has_failed.wait(30)
    has_failed.clear()

    say(a_code_widget, "retry_now")

    assert has_failed.wait(30)


def test_a_mistake_of_the_user_becomes_a_sentence(a_code_widget: CodeWidget) -> None:
    """A refusal is shown with its reason, an unexpected error with its type; neither escapes."""
    a_code_widget.report(Forbidden("only teachers may"), "opening")
    assert a_code_widget.problem == "opening did not work: only teachers may."

    a_code_widget.report(ZeroDivisionError("division by zero"), "opening")
    assert "ZeroDivisionError" in a_code_widget.problem


def test_a_malformed_message_becomes_a_sentence(a_code_widget: CodeWidget) -> None:
    """What a page sends is validated."""
    say(a_code_widget, "update", peer=3)

    assert "did not work" in a_code_widget.problem


def test_run_without_a_kernel_becomes_a_sentence(a_code_widget: CodeWidget) -> None:
    """Outside of a kernel Run says why nothing happens."""
    say(a_code_widget, "run", run="1", code="1 + 1")

    assert "there is no kernel" in a_code_widget.problem


@pytest.fixture
def a_static_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the browser half, with nothing in it."""
    monkeypatch.setattr(bundle, "STATIC", tmp_path)
    return tmp_path


def test_a_page_without_a_jupyter_server_gets_the_bundle(
    a_code_widget: CodeWidget, a_static_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel sends the file as it was built."""
    (a_static_folder / "teaching.js").write_bytes(b"export const x = 1;")
    sent = Sent()
    monkeypatch.setattr(a_code_widget, "send", sent)

    say(a_code_widget, "bundle")

    assert sent.wait("bundle")["buffers"] == [b"export const x = 1;"]


@pytest.mark.usefixtures("a_static_folder")
def test_an_unbuilt_bundle_is_no_error() -> None:
    """Python raises nothing; the loader says what to do."""
    assert bundle.bundle_hash() == ""
    assert bundle.bundle_bytes() == b""
    assert CodeWidget(offline_model("code", "")).bundle_hash == ""


def test_the_newest_build_counts(a_static_folder: Path) -> None:
    """A page never takes an old module, from its cache or from what an interrupted build has left."""
    for age, name in enumerate(("code-NOTFIRST.js", "page-NEWESTAB.js", "page-ZZOLDER2.js")):
        (a_static_folder / name).write_text("")
        os.utime(a_static_folder / name, (1_000 - age, 1_000 - age))

    assert bundle.bundle_hash() == "NEWESTAB"


def test_task_takes_the_state_that_was_pressed() -> None:
    """A press changes the model; a word that is no state is refused in words."""
    widget = TaskWidget(offline_model("task_state", None), states=("unset", "star"))

    sent = Sent()
    widget.send = sent  # what was sent is looked at

    say(widget, "assign", peer="page", ask=1, key="state", value="star")
    taken = sent.wait("answer", 1)
    assert widget.data == {"state": "star"}
    say(widget, "assign", peer="page", ask=2, key="state", value="galaxy")
    wrong = sent.wait("answer", 2)
    say(widget, "assign", peer="page", ask=3, key="mood", value="good")
    unknown = sent.wait("answer", 3)

    assert (taken["to"], taken["ask"], taken["refusal"]) == ("page", 1, "")
    assert "galaxy" in wrong["refusal"]
    assert "no key 'mood'; it has state" in unknown["refusal"]
    assert widget.model.data == {"state": "star"}
    assert widget.problem == ""


@pytest.mark.parametrize("states", [("unset", "galaxy"), ("unset",)])
def test_task_refuses_states_that_cannot_be(states: tuple[str, ...]) -> None:
    """Unknown words, and a single one, are a mistake in the notebook."""
    with pytest.raises(InvalidInput, match=r"galaxy|at least two"):
        TaskWidget(offline_model("task_state", None), states=states)


@pytest.fixture
def no_default() -> Iterator[None]:
    """Let a test begin without a default classroom."""
    before = default_classroom._default.room, default_classroom._default.arguments
    default_classroom._default.room = None
    yield
    _close_default()
    default_classroom._default.room, default_classroom._default.arguments = before


def _close_default() -> None:
    if default_classroom._default.room is not None:
        default_classroom._default.room.close(0)


@pytest.mark.usefixtures("no_default")
def test_connect_keeps_one_classroom_per_address() -> None:
    """Running a notebook's first cell twice does not connect twice; another course is another classroom."""
    url = offline_classroom()._address.url

    first = tnb.connect(url, "t")
    assert tnb.connect(url, "t") is first
    assert default_classroom.classroom() is first

    other = tnb.connect(url, "t", "physics")
    assert other is not first
    first.close(0)


@pytest.mark.usefixtures("no_default")
@pytest.mark.parametrize("shared", [False, True, "read"])
def test_a_call_names_a_document_of_another_course(shared: Any) -> None:
    """It is the one that a classroom of that course has under the slug, also where it is shared."""
    maths, physics = (tnb.connect(offline_classroom()._address.url, "t", course) for course in ("maths", "physics"))

    named = tnb.code("fib", shared=shared, room=maths, course="physics")

    assert named.model.root_id == tnb.code("fib", shared=shared, room=physics).model.root_id
    assert named.model.root_id != tnb.code("fib", shared=shared, room=maths).model.root_id
    assert named.mark == {"document": "fib", "type": "code", "shared": shared, "course": "physics"}
