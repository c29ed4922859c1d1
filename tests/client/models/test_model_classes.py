"""Models are made from what is known of a document type."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal
from unittest import mock

import msgspec
import pytest
from traitlets import TraitError

from teaching_nb.client.link.loop_thread import LoopThread
from teaching_nb.client.models import classes
from teaching_nb.client.models.classes import model_class
from teaching_nb.client.models.code import CodeModel
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.client.sync.live_text import LiveText
from teaching_nb.client.sync.syncer import S, Syncer
from teaching_nb.schema import documents
from teaching_nb.schema.document_type import DataStruct, DocumentType


class Ballot(DataStruct):
    """What somebody voted for."""

    chosen_ones: list[Annotated[int, msgspec.Meta(ge=0)]] = msgspec.field(default_factory=list)
    mood: Literal["glad", "grim"] = "glad"
    is_final: bool = False


class Essay(DataStruct):
    """A text with a mark."""

    body: str = ""
    mark: int | None = None


BALLOT = DocumentType("ballot", Ballot)
ESSAY = DocumentType("essay", Essay, live_text=("body",))


@pytest.fixture
def a_loop() -> Iterator[LoopThread]:
    """Return a thread for the hub's side."""
    loop = LoopThread()
    yield loop
    loop.stop()


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two more types be known, and no model of theirs be made before."""
    for name in documents.known_types():
        # A module is read once: the model in it would be known during one test only.
        model_class(name)
    monkeypatch.setitem(documents._TYPES, "ballot", BALLOT)
    monkeypatch.setitem(documents._TYPES, "essay", ESSAY)
    monkeypatch.setattr(DocumentModel, "classes", dict(DocumentModel.classes))


@pytest.mark.parametrize("name", documents.known_types())
def test_every_type_has_a_model_with_its_keys_as_traits(a_loop: LoopThread, name: str) -> None:
    """Each key of the data can be observed and assigned; the class is made once."""
    kind = model_class(name)
    model = kind(a_loop, name, {})
    known = documents.document_type(name)

    assert known is not None
    assert kind.document_type is known
    assert model_class(name) is kind
    assert isinstance(model, LiveTextModel) == bool(known.live_text)
    for field in msgspec.structs.fields(known.data):
        assert model.has_trait(field.name)


def test_a_type_without_a_class_gets_one_from_its_struct(a_loop: LoopThread) -> None:
    """Traits are called as in Python, keys as on the wire; values are checked, and are copies."""
    model = model_class("ballot")(a_loop, "ballot", {"chosenOnes": [2], "more": 1})

    assert type(model).__name__ == "BallotModel"
    assert (model.chosen_ones, model.mood, model.is_final) == ([2], "glad", False)  # type: ignore[attr-defined]
    model.chosen_ones.append(3)  # type: ignore[attr-defined]
    assert model.chosen_ones == [2]  # type: ignore[attr-defined]
    with pytest.raises(TraitError, match=r"chosen_ones cannot be \[-1\]: .*>= 0.*\$\[0\]"):
        model.chosen_ones = [-1]  # type: ignore[attr-defined]
    with pytest.raises(TraitError, match="is_final cannot be 1: "):
        model.is_final = 1  # type: ignore[attr-defined]
    with pytest.raises(TraitError, match="'sad'"):
        model.mood = "sad"  # type: ignore[attr-defined]
    assert model.data == {"chosenOnes": [2], "more": 1}


def test_a_live_type_without_a_class_is_a_live_text(a_loop: LoopThread) -> None:
    """The live key is a text that several people edit, other keys are values beside it."""
    model = model_class("essay")(a_loop, "essay", {"body": "once", "mark": 5})

    assert isinstance(model, LiveTextModel)
    assert (model.text_name, model.body, model.mark) == ("body", "once", 5)  # type: ignore[attr-defined]
    model.body = "upon\r\na time"  # type: ignore[attr-defined]
    assert model.body == "upon\na time"  # type: ignore[attr-defined]


def test_a_value_that_does_not_fit_is_left_in_the_data(a_loop: LoopThread) -> None:
    """What another client has stored is shown as far as it is understood, and never rewritten."""
    model = model_class("ballot")(a_loop, "ballot", {"chosenOnes": [1], "isFinal": True})

    model.show_data({"chosenOnes": "everybody", "mood": "odd"})

    assert (model.chosen_ones, model.mood, model.is_final) == ([], "glad", False)  # type: ignore[attr-defined]
    assert model.data == {"chosenOnes": "everybody", "mood": "odd"}


def test_a_type_that_nobody_understands_has_the_base_class(a_loop: LoopThread) -> None:
    """Also one that is called as a module of the client is."""
    assert model_class("mdx-quiz") is DocumentModel
    assert model_class("gate") is DocumentModel


def test_a_key_with_the_name_of_a_common_attribute_is_refused() -> None:
    """The mistake is told where the model is made, with what to do."""

    class Clash(DataStruct):
        type: str = ""

    with pytest.raises(TypeError, match=r"Clash.type .*msgspec.field\(name='type'\)"):

        class _ClashModel(DocumentModel, type=DocumentType("clash", Clash)):
            pass


def test_a_module_that_holds_no_model_of_its_type_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A type whose name is that of another module would otherwise be without its behaviour, in silence."""
    monkeypatch.setitem(documents._TYPES, "saving", DocumentType("saving", Ballot))

    with pytest.raises(TypeError, match=r"client.models.saving holds no model of the type 'saving'"):
        classes.model_class("saving")


def test_models_written_by_hand_are_found_by_their_type() -> None:
    """Nothing lists them."""
    assert model_class("code") is CodeModel


def test_other_keys_of_a_live_type_can_be_assigned(a_loop: LoopThread) -> None:
    """They become part of the shared document, beside the text."""
    model = model_class("essay")(a_loop, "essay", {"body": "once", "mark": None})
    assert isinstance(model, LiveTextModel)
    live = LiveText(model, {"body": "once", "mark": None}, connection=mock.Mock(), surroundings=Alone())
    model.gate.open(live)

    model.mark = 4  # type: ignore[attr-defined]
    on_loop(a_loop, lambda: None)

    assert live.doc.data() == {"body": "once", "mark": 4}
    assert (model.body, model.mark) == ("once", 4)  # type: ignore[attr-defined]
    assert model.data == {"body": "once", "mark": 4}


class Alone:
    """What a document needs that has no siblings, and no hub to ask."""

    def resync(self, syncer: Syncer) -> None:
        """Ask nobody."""

    def stored(self, syncer: Syncer, data: Any) -> None:
        """Tell nobody."""

    def siblings(self, _syncer: S) -> list[S]:
        """Return nobody."""
        return []

    def user_id(self) -> str:
        """Return that it is not known who we are."""
        return ""


def on_loop(loop: LoopThread, function: Callable[[], object]) -> None:
    """Have something done on the loop thread, after all that was posted before."""
    done = threading.Event()
    loop.post(function)
    loop.post(done.set)
    assert done.wait(30)
