"""What another program has stored and does not fit: every type, and a list of odd values.

New types and new keys are among them by themselves.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import msgspec
import pytest
from traitlets import TraitError

import teaching_nb as tnb
from teaching_nb.client import Classroom
from teaching_nb.errors import InvalidInput
from teaching_nb.schema import documents, wire
from teaching_nb.schema.misfits import Misfit, misfits_in
from teaching_nb.schema.roots import root_id
from teaching_nb.widgets.choice_answer import ChoiceWidget
from teaching_nb.widgets.document import DataWidget, widget_class
from tests.harness.cast import ALICE
from tests.harness.hub_process import HubProcess
from tests.harness.offline import offline_model
from tests.harness.waiting import wait_until
from tests.widgets.assigning import assign, offline_document

ODD_VALUES: list[Any] = [
    None,
    True,
    1,
    -1,
    -3.5,
    3.7,
    2**60,
    1e300,
    "",
    "nope",
    [],
    [-1],
    [0, 1, 0],
    [0.5],
    ["a"],
    [None],
    {},
    {"a": 1},
]
"""Each is odd in some places, and in others it fits."""
ODD_IN_PYTHON: list[Any] = [
    10**30,
    -(10**30),
    10**400,
    2**53,
    float("nan"),
    float("inf"),
    "\ud800",
    "a\0b",
    [5, 5],
    [10**20],
    ["\ud800"],
    {1, 2},
    b"a",
    object(),
]
"""What a notebook may hold, and JSON or pages do not."""
NO_OBJECTS: list[Any] = [None, True, 5, "abc", "", [], [1], 0.5]

KEYS = [
    (name, field.encode_name)
    for name in documents.known_types()
    for field in msgspec.structs.fields(documents.document_type(name).data)  # type: ignore[union-attr]
]
DATA_TYPES = [
    name
    for name in documents.known_types()
    if issubclass(widget_class(offline_model(name, None)) or object, DataWidget)
]


def stored(name: str, data: Any) -> Any:
    """Return a model of a document in which another program has stored this."""
    model = offline_model(name, None)
    model.gate.tell("is_loaded", True)
    model.show_data(copy.deepcopy(data))
    return model


def default(name: str) -> dict[str, Any]:
    """Return what a document of a type holds at first."""
    known = documents.document_type(name)
    assert known is not None
    data: dict[str, Any] = wire.to_plain(known.data())
    return data


def fits(name: str, data: Any) -> bool:
    """Tell whether data may be assigned, which is checked by another rule than what is shown."""
    try:
        documents.check_data(name, data)
    except InvalidInput:
        return False
    return True


@pytest.mark.parametrize(("name", "key"), KEYS)
def test_every_key_of_every_type_shows_what_fits_and_keeps_the_rest(name: str, key: str) -> None:
    """What is odd stays in `.data`; the trait has the default then, and the rule says which key it is."""
    known = documents.document_type(name)
    assert known is not None
    found = 0
    for value in ODD_VALUES:
        data = {**default(name), "of another program": [1], key: value}
        model = stored(name, data)
        odd = misfits_in(known, data)

        assert wire.is_same({each: model.data[each] for each in data}, data), value
        assert model.misfits == odd
        if not fits(name, data):
            found += 1
            assert odd == (Misfit(key, value),), value
            trait = next(one for one, each in model.data_traits.items() if each.key == key)
            assert wire.is_same(getattr(model, trait), default(name).get(key)), value
        else:
            assert odd == (), value
    assert found, "no value is odd here"


@pytest.mark.parametrize(("name", "key"), KEYS)
def test_nothing_is_assigned_that_would_not_fit(name: str, key: str) -> None:
    """No value of Python gets in that every reader would then call somebody else's mistake; what was there stays."""
    known = documents.document_type(name)
    assert known is not None
    refused = 0
    for value in (*ODD_VALUES, *ODD_IN_PYTHON):
        model = offline_model(name, None)
        trait = next(one for one, each in model.data_traits.items() if each.key == key)
        before = getattr(model, trait)
        try:
            setattr(model, trait, value)
        except TraitError:
            refused += 1
            assert wire.is_same(getattr(model, trait), before), value
        else:
            told = json.loads(json.dumps(getattr(model, trait), allow_nan=False))
            assert misfits_in(known, {key: told}) == (), value
            assert not documents.why_not_assigned(name, key, told), value
    assert refused >= len(ODD_IN_PYTHON) / 3


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), 10**400, "\ud800", "a\0"], ids=ascii)
def test_data_are_json_as_everybody_reads_it(value: Any) -> None:
    """Also under keys that nobody here knows."""
    model = offline_document("task_state", {"state": "star"})

    with pytest.raises(TraitError, match="data"):
        model.data = {"state": "checked", "theirs": [value]}

    assert model.data == {"state": "star"}


@pytest.mark.parametrize("name", documents.known_types())
def test_what_is_no_object_is_kept_and_no_key_is_assigned(name: str) -> None:
    """A key has no place in it; assigning `.data` replaces all of it, on purpose."""
    for data in NO_OBJECTS:
        model = stored(name, data)

        assert wire.is_same(model.data, data)
        assert list(model.misfits) == [Misfit("", data)]
        for trait, each in model.data_traits.items():
            assert wire.is_same(getattr(model, trait), default(name).get(each.key))
            with pytest.raises(InvalidInput, match="whoever wrote it can mend it"):
                setattr(model, trait, getattr(model, trait))
        assert wire.is_same(model.data, data)


@pytest.mark.parametrize("name", DATA_TYPES)
def test_no_press_rewrites_what_does_not_fit(name: str) -> None:
    """Whatever a page assigns: it is refused with the value, and what to do; exports show the rest."""
    known = documents.document_type(name)
    assert known is not None
    odd_data = [*NO_OBJECTS, *({key: value} for of, key in KEYS if of == name for value in ODD_VALUES)]
    refused = 0
    for data in odd_data:
        if fits(name, data):
            continue
        widget: Any = widget_class(stored(name, data))(stored(name, data))  # type: ignore[misc]
        for key, value in default(name).items():
            words = assign(widget, key, value)
            assert words, (data, key)
            refused += "does not fit" in words and "can mend it" in words
        assert wire.is_same(widget.model.data, data)
        assert widget.misfits
        assert isinstance(widget.as_text(), str)
    assert refused or name == "quiz"


@pytest.mark.parametrize(("name", "key"), [(name, key) for name, key in KEYS if name in DATA_TYPES])
def test_whole_numbers_are_whole_however_they_are_written(name: str, key: str) -> None:
    """JSON has one kind of numbers, and some programs write all of them with a fraction; they say the same."""
    known = documents.document_type(name)
    assert known is not None
    for written, value in ((1.0, 1), ([1.0, 0.0], [1, 0])):
        data = {key: written}
        if misfits_in(known, data):
            continue
        ours, theirs = (widget_class(stored(name, each))(stored(name, each)) for each in ({key: value}, data))  # type: ignore[misc]

        assert theirs.as_text() == ours.as_text()
        trait = next(one for one, each in theirs.model.data_traits.items() if each.key == key)
        assert wire.is_same(getattr(theirs.model, trait), value)
        assert wire.is_same(theirs.model.data, data), "it is not rewritten"


@pytest.mark.parametrize(
    ("choices", "multiple"), [([9], False), ([0, 1], False), ([2], True), ([0, 0], True), ([0, 1, 0], True)]
)
def test_what_the_call_of_a_choice_does_not_have_is_odd(choices: list[int], multiple: bool) -> None:  # noqa: FBT001 - a case
    """An option that is not asked for, or more of them than can be chosen; an overview knows no options."""
    model = offline_document("choice_answer")
    model.show_data({"choices": choices})
    widget = ChoiceWidget(model, options=["a", "b"], multiple=multiple)

    assert widget.misfits == [{"key": "choices", "value": choices, "is_of_call": True}]
    assert model.data == {"choices": choices}, "nothing is rewritten by itself"
    assert assign(widget, "choices", [0]) == "", "whoever has chosen may choose anew"
    assert model.data["choices"] == [0]
    assert ChoiceWidget(model).misfits == []


def test_true_and_one_are_two_values(alice: Classroom, a_hub: HubProcess) -> None:
    """For Python they are equal; what mends the document is stored and shown all the same."""
    widget = tnb.true_false("snow", room=alice)
    widget.model.wait_loaded(30)

    a_hub.ask("PUT", f"/documents/{widget.model.id}", ALICE, {"data": {"value": 1}})
    wait_until(lambda: widget.misfits == [{"key": "value", "value": 1}], "the page is told")
    assert "value is 1; whoever wrote it can mend it" in assign(widget, "value", value=True)

    widget.model.data = {"value": True}
    widget.model.wait_saved(30)

    assert a_hub.stored(widget.model.id, ALICE)["value"] is True
    wait_until(lambda: widget.misfits == [], "it is whole")
    assert (widget.data["value"], widget.model.value) == (True, True)  # type: ignore[attr-defined]
    assert widget.data["value"] is True


NO_TEXTS: list[Any] = [{"theirs": 1, "TEXT": 5}, {"TEXT": None}, "abc", None, []]
"""`TEXT` stands for the key of the live text."""


@pytest.mark.parametrize("name", documents.live_types())
@pytest.mark.parametrize("odd", NO_TEXTS)
def test_what_is_no_text_is_shown_and_never_rewritten(name: str, odd: Any, alice: Classroom, a_hub: HubProcess) -> None:
    """It is read only with the reason, and in `.data`; nothing that is tried changes it, but assigning all of it."""
    (key,) = documents.live_text_keys(name)
    data = {key if each == "TEXT" else each: value for each, value in odd.items()} if isinstance(odd, dict) else odd
    room_id = root_id(f"odd-{name}", alice.course)
    body = {"documentRootId": room_id, "type": name, "data": data, "root": {}}
    made = a_hub.ask("POST", "/documents/main", ALICE, body)
    model: Any = alice.document(f"odd-{name}", type=name)
    model.wait_loaded(30)
    widget: Any = widget_class(model)(model, title="odd")  # type: ignore[misc]

    assert model.id == made["id"]
    assert wire.is_same(model.data, data)
    assert (widget.save_state, widget.access[:2]) == ("read-only", "RO")
    assert "does not fit" in widget.notice
    assert "its author by assigning `.model.data`" in widget.notice
    assert json.loads(widget.stored) == data
    assert json.loads(widget.as_text()) == data
    for attempt in (lambda: setattr(model, key, "x"), lambda: model.edit(lambda text: text + "x")):
        with pytest.raises(InvalidInput, match="does not fit"):
            attempt()
    assert wire.is_same(a_hub.stored(model.id, ALICE), data)

    model.data = {key: "whole"}
    model.wait_saved(30)

    wait_until(lambda: getattr(model, key) == "whole" and widget.access.startswith("RW"), "it is a text again")
    assert (widget.stored, widget.notice) == ("", "")
    setattr(model, key, "whole again")
    model.wait_saved(30)
    wait_until(lambda: a_hub.stored(model.id, ALICE)[key] == "whole again", "which can be edited")


TOLD = ("simple_chat", "dir", "dynamic_document_roots", "mdx_comment")
"""Types whose pages get no data of the document itself."""


@pytest.mark.parametrize("name", TOLD)
@pytest.mark.parametrize("odd", [None, 5, ["x"], {"KEY": {}}])
def test_what_does_not_fit_is_told_where_pages_get_no_data(
    name: str, odd: Any, alice: Classroom, a_hub: HubProcess
) -> None:
    """With the value, and what to do next; what is below the document is shown all the same, and it mends it."""
    keys = {"dynamic_document_roots": "containerType", "mdx_comment": "color"}
    key = keys.get(name, "name")
    data = {key: odd["KEY"]} if isinstance(odd, dict) else odd
    body = {"documentRootId": wire.new_id(), "type": name, "data": data, "root": {}}
    made = a_hub.ask("POST", "/documents/main", ALICE, body)
    model: Any = alice.open_document(made["id"])
    model.wait_loaded(30)
    widget: Any = widget_class(model)(model, title="odd", room=alice)  # type: ignore[misc]

    what = f"{key} is {json.dumps(data[key])}" if isinstance(data, dict) else f"it is {json.dumps(data)}"
    wait_until(
        lambda: (
            widget.notice
            == f"Another program has stored something here that does not fit: {what}; whoever wrote it can mend it, "
            "its author by assigning `.model.data` in Python. It is shown here, and never rewritten."
        ),
        "the page is told",
    )
    a_hub.ask("PUT", f"/documents/{model.id}", ALICE, {"data": {key: "whole"}})
    wait_until(lambda: "does not fit" not in widget.notice, "it is whole")
