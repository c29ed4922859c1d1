"""The gate between the user's threads and the loop thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from traitlets import TraitError

from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.models.classes import model_class
from teaching_nb.client.models.code import CodeModel
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.models.task_state import TaskStateModel
from teaching_nb.errors import Forbidden, TimedOut

SECONDS = 30.0


class Recorder:
    """A syncer that writes down the assignments it is given."""

    def __init__(self) -> None:
        self.edits: list[tuple[str, Any, Any]] = []
        self.threads: set[str] = set()

    def edit(self, name: str, base: Any, new: Any) -> None:
        """Write an assignment down."""
        self.edits.append((name, base, new))
        self.threads.add(threading.current_thread().name)

    def discard(self) -> None:
        """Give nothing up."""


@pytest.fixture
def a_loop() -> Iterator[LoopThread]:
    """Run a loop thread until the test ends."""
    loop = LoopThread("a-loop")
    yield loop
    loop.stop()


@pytest.fixture
def a_recorder() -> Recorder:
    """Return what takes the assignments."""
    return Recorder()


@pytest.fixture
def a_code(a_loop: LoopThread, a_recorder: Recorder) -> CodeModel:
    """Return a code model that nothing but the recorder is behind."""
    model = CodeModel(a_loop, "code", {"code": "start"})
    model.gate.open(a_recorder)
    return model


def on_loop(loop: LoopThread, function: Any, *arguments: Any) -> None:
    """Do something on the loop thread and wait until it is done."""
    done = threading.Event()

    def act() -> None:
        function(*arguments)
        done.set()

    loop.post(act)
    assert done.wait(SECONDS)


def test_assignment_is_posted_once_with_its_base(a_loop: LoopThread, a_code: CodeModel, a_recorder: Recorder) -> None:
    """Assigning hands over what the text was and what it is now, on the loop thread."""
    a_code.code = "next"
    on_loop(a_loop, lambda: None)

    assert a_recorder.edits == [("code", "start", "next")]
    assert a_recorder.threads == {"a-loop"}


def test_value_of_the_hub_is_not_posted_back(a_loop: LoopThread, a_code: CodeModel, a_recorder: Recorder) -> None:
    """Echo stops here: what comes from the hub is shown and goes nowhere."""
    seen: list[str] = []
    a_code.observe(lambda change: seen.append(change.new), "code")

    on_loop(a_loop, a_code.show_data, {"code": "remote"})

    assert (a_code.code, seen, a_recorder.edits) == ("remote", ["remote"], [])


def test_assignment_in_an_observer_is_a_local_edit(a_loop: LoopThread, a_code: CodeModel, a_recorder: Recorder) -> None:
    """A notebook may react to a remote change with a change of its own."""
    a_code.observe(lambda change: setattr(a_code, "code", change.new.upper()), "code")

    on_loop(a_loop, a_code.show_data, {"code": "remote"})
    on_loop(a_loop, lambda: None)

    assert a_code.code == "REMOTE"
    assert a_recorder.edits == [("code", "remote", "REMOTE")]


def test_assignment_is_visible_until_it_was_taken_over(a_loop: LoopThread, a_code: CodeModel) -> None:
    """A remote value does not hide what was just assigned; the merge that follows shows both."""
    release, blocked = threading.Event(), threading.Event()

    def show_late() -> None:
        blocked.set()
        release.wait(SECONDS)
        a_code.show_data({"code": "remote"})

    a_loop.post(show_late)
    assert blocked.wait(SECONDS)

    a_code.code = "mine"
    release.set()
    on_loop(a_loop, lambda: None)

    assert a_code.code == "mine"


def test_edit_computed_from_an_older_reading_keeps_its_base(
    a_loop: LoopThread, a_code: CodeModel, a_recorder: Recorder
) -> None:
    """In `code = code + x` an edit that arrives between reading and assigning is not undone."""
    read = a_code.code
    on_loop(a_loop, a_code.show_data, {"code": "start + remote"})

    a_code.code = read + "!"
    on_loop(a_loop, lambda: None)

    assert a_recorder.edits == [("code", "start", "start!")]


def test_whole_new_text_replaces_what_is_shown(a_loop: LoopThread, a_code: CodeModel, a_recorder: Recorder) -> None:
    """A text that was not computed from an older reading replaces the present one."""
    assert a_code.code == "start"
    on_loop(a_loop, a_code.show_data, {"code": "0123456789"})

    a_code.code = "012345678"
    on_loop(a_loop, lambda: None)

    assert a_recorder.edits == [("code", "0123456789", "012345678")]


def test_edit_function_is_based_on_what_it_was_given(
    a_code: CodeModel, a_loop: LoopThread, a_recorder: Recorder
) -> None:
    """`edit` names its base itself."""
    a_code.edit(lambda text: f"{text}\nmore\r\n")
    on_loop(a_loop, lambda: None)

    assert a_code.code == "start\nmore\n"
    assert a_recorder.edits == [("code", "start", "start\nmore\n")]


def test_equal_assignment_is_nothing(a_loop: LoopThread, a_code: CodeModel, a_recorder: Recorder) -> None:
    """Assigning the same text posts nothing and leaves nothing unsaved."""
    a_code.code = "start"
    on_loop(a_loop, lambda: None)

    assert a_recorder.edits == []
    assert not a_code.has_unsaved


@pytest.mark.parametrize("value", ["half \ud83d", "nothing \0", 5, None])
def test_what_is_no_text_is_refused(a_code: CodeModel, value: object) -> None:
    """Half a character, or no text at all, raises where it was assigned."""
    with pytest.raises(TraitError):
        a_code.code = value  # type: ignore[assignment]  # that is what is tried

    assert a_code.code == "start"


@pytest.mark.parametrize(
    ("type_name", "name", "ours", "theirs"),
    [
        ("code", "code", "x = 1\n", "x = 2\n"),
        ("code", "data", {"code": "x = 1\n"}, {"code": "x = 2\n"}),
        ("task_state", "state", "star", "checked"),
        ("task_state", "data", {"state": "star"}, {"state": "checked"}),
        ("choice_answer", "choices", [1], [0]),
        ("cms_text", "text", "well done", "see me"),
    ],
)
def test_what_is_assigned_once_more_is_there_again(
    a_loop: LoopThread, a_recorder: Recorder, type_name: str, name: str, ours: Any, theirs: Any
) -> None:
    """Somebody else has changed it meanwhile, and whoever runs the cell again says it anew."""
    model = model_class(type_name)(a_loop, type_name, None)
    model.gate.open(a_recorder)
    setattr(model, name, ours)
    on_loop(a_loop, lambda: None)
    on_loop(a_loop, lambda: model.gate.show(name, theirs))

    setattr(model, name, ours)

    on_loop(a_loop, lambda: None)
    assert a_recorder.edits[-1] == (name, theirs, ours)
    assert getattr(model, name) == ours


def test_what_was_read_and_comes_out_as_it_was_changes_nothing(
    a_loop: LoopThread, a_code: CodeModel, a_recorder: Recorder
) -> None:
    """Such as by a formatter: what others have written between reading and assigning stays."""
    text = a_code.code
    on_loop(a_loop, lambda: a_code.gate.show("code", "theirs\n"))

    a_code.code = text

    on_loop(a_loop, lambda: None)
    assert (a_code.code, a_recorder.edits) == ("theirs\n", [])


def test_unknown_task_state_is_refused(a_loop: LoopThread) -> None:
    """Only the words of the document type can be assigned."""
    model = TaskStateModel(a_loop, "task_state", {"state": "unset"})

    with pytest.raises(TraitError):
        model.state = "nonsense"  # type: ignore[assignment]  # that is what is tried


def test_data_that_does_not_fit_its_type_is_refused(a_loop: LoopThread) -> None:
    """Data is checked against the type, and against JSON."""
    model = TaskStateModel(a_loop, "task_state", {"state": "unset"})

    with pytest.raises(TraitError, match="task_state"):
        model.data = {"state": "nonsense"}
    with pytest.raises(TraitError, match="JSON"):
        DocumentModel(a_loop, "odd", {}).data = {"x": object()}


def test_assigned_data_has_the_line_ends_of_texts(a_code: CodeModel) -> None:
    """Also through the whole data the text gets line feeds: editors count one unit for a line end."""
    a_code.data = {"code": "a\r\nb\rc", "note": "\r\n"}

    assert a_code.data == {"code": "a\nb\nc", "note": "\r\n"}


def test_save_state_is_unsaved_from_the_assignment_on(a_loop: LoopThread, a_code: CodeModel) -> None:
    """No moment passes in which a change is there and the state still says saved."""
    on_loop(a_loop, lambda: a_code.gate.publish(is_live=True, is_loaded=True, is_synced=True, access="RW_User"))
    assert a_code.save_state == "saved"
    release, blocked = threading.Event(), threading.Event()

    def block() -> None:
        blocked.set()
        release.wait(SECONDS)

    a_loop.post(block)
    assert blocked.wait(SECONDS)

    a_code.code = "next"

    assert a_code.save_state == "saving"
    assert a_code.unsent_text == "next"
    release.set()


def test_change_that_is_being_taken_over_is_unsaved(a_loop: LoopThread) -> None:
    """Also while the syncer works on a change, nothing looks saved."""
    states: list[bool] = []
    model = CodeModel(a_loop, "code", {"code": ""})

    class Asking:
        """A syncer that looks at the model while it takes a change over."""

        def edit(self, _name: str, _base: Any, _new: Any) -> None:
            """Look whether the change counts as unsaved."""
            states.append(model.has_unsaved)

        def discard(self) -> None:
            """Give nothing up."""

    model.gate.open(Asking())
    model.code = "next"
    on_loop(a_loop, lambda: None)

    assert states == [True]
    assert not model.has_unsaved


def test_save_state_is_announced_in_order(a_loop: LoopThread, a_code: CodeModel) -> None:
    """Observers of the save state see the last state last, always from the loop thread."""
    seen: list[tuple[str, str]] = []
    a_code.observe(lambda change: seen.append((change.new, threading.current_thread().name)), "save_state")
    good = {"is_live": True, "is_loaded": True, "is_synced": True, "access": "RW_User"}

    on_loop(a_loop, lambda: a_code.gate.publish(**good))
    on_loop(a_loop, lambda: a_code.gate.publish(is_unsaved=True))
    on_loop(a_loop, lambda: a_code.gate.publish(is_unsaved=False))

    assert seen == [("saved", "a-loop"), ("saving", "a-loop"), ("saved", "a-loop")]


def test_failing_observer_does_not_stop_the_loop_thread(a_loop: LoopThread, a_code: CodeModel) -> None:
    """A mistake in a notebook's observer is logged, and everything goes on."""

    def fail(_change: object) -> None:
        raise RuntimeError("a mistake")

    a_code.observe(fail, "code")

    on_loop(a_loop, a_code.show_data, {"code": "remote"})

    assert a_code.code == "remote"


def test_failing_observer_is_heard_where_the_text_was_assigned(a_code: CodeModel) -> None:
    """In a cell the user sees the error of the own observer."""

    def fail(_change: object) -> None:
        raise RuntimeError("a mistake")

    a_code.observe(fail, "code")

    with pytest.raises(RuntimeError, match="a mistake"):
        a_code.code = "next"


def test_waiting_ends_with_the_state_when_time_is_up(a_code: CodeModel) -> None:
    """A wait that ends too early says what is missing; it is a TimeoutError too."""
    with pytest.raises(TimedOut, match="offline"):
        a_code.wait_loaded(0.05)
    with pytest.raises(TimeoutError):
        a_code.wait_saved(0.05)


def test_waiting_ends_at_once_when_it_is_hopeless(a_loop: LoopThread, a_code: CodeModel) -> None:
    """Nobody waits for changes that were refused."""
    on_loop(a_loop, lambda: a_code.gate.publish(refusal="the text is too long"))

    with pytest.raises(Forbidden, match="too long"):
        a_code.wait_saved(SECONDS)


def test_waiting_on_the_loop_thread_is_refused(a_loop: LoopThread, a_code: CodeModel) -> None:
    """An observer that waits would wait for itself; it gets an error instead."""
    errors: list[str] = []

    def wait() -> None:
        try:
            a_code.wait_saved(SECONDS)
        except RuntimeError as error:
            errors.append(str(error))

    on_loop(a_loop, wait)

    assert len(errors) == 1
    assert "callback" in errors[0]


def test_data_cannot_be_changed_behind_the_back(a_loop: LoopThread) -> None:
    """Changing the dict that was assigned does not change the document."""
    model = DocumentModel(a_loop, "odd", {"list": []})
    data: dict[str, list[int]] = {"list": [1]}

    model.data = data
    data["list"].append(2)

    assert model.data == {"list": [1]}
