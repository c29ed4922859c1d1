"""What the calls of a notebook refuse: every parameter of every call, by what its annotation says of it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.errors import TeachingNbError
from tests.harness.offline import offline_classroom
from tests.harness.sources import parsed

NEEDED: dict[str, dict[str, Any]] = {
    "choice": {"options": ["Earth", "Mars"]},
    "comments": {"document": "essay"},
    "progress": {"steps": ["Begin"]},
    "quiz": {"questions": [{"qid": "a", "ask": "?"}]},
    "text": {"check": "yes"},
}
"""What a call needs besides its slug."""
HALF = "half \ud800 of it"
"""A text that nobody can write down."""
NO_TEXTS = [
    5,
    float("nan"),
    b"text",
    None,
    "text",
    {"a": 1},
    {"a", "b"},
    ["a", 5],
    ["", "b"],
    ["a", " "],
    ["a", HALF],
    object(),
]
WRONG: dict[str, list[Any]] = {
    "str": [5, b"text", None, ["a"], {"a": 1}, HALF, object()],
    "str | None": [5, b"text", ["a"], {"a": 1}, HALF, object()],
    "bool": [5, 1, "yes", None, [True], object()],
    "bool | str": [5, 1, "everybody", None, ["read"], object()],
    "float": ["1", None, float("nan"), float("inf"), -1.0, True, object()],
    "Sequence[str]": NO_TEXTS,
    "Sequence[str] | None": [each for each in NO_TEXTS if each is not None] + [()],
    "Sequence[str] | str": [each for each in NO_TEXTS if each != "text"],
    "Sequence[Mapping[str, Any]]": [5, None, "text", {"qid": "a"}, [5], [], [{"qid": HALF, "ask": "?"}], object()],
    "Points": ["1", [1], {"most": 1}, float("nan"), 10**400, True, object()],
}
"""Annotation → what does not fit it."""
ANY: dict[str, list[Any]] = {
    "room": [5, "class", object()],
    "document": [5, None, object()],
    "check": [b"a", [], [b"a"], {"a": 1}, "", " ", ["a", ""], 10**400, float("inf")],
}
"""Parameters that may be more than one can annotate → what they are not."""


def cases() -> Iterator[Any]:
    """Every call with every value that does not fit one of its parameters."""
    for call in sorted({*tnb.__all__} - {"__version__", "connect", "document", "rooms"}):
        parameters = inspect.signature(getattr(tnb, call)).parameters.values()
        for parameter in parameters:
            wrong = ANY[parameter.name] if parameter.annotation == "Any" else WRONG[str(parameter.annotation)]
            for number, value in enumerate(wrong):
                if not (parameter.name == "init" and isinstance(value, dict | None)):
                    yield pytest.param(call, parameter.name, value, id=f"{call}-{parameter.name}-{number}")


@pytest.mark.parametrize(("call", "name", "value"), [*cases()])
def test_what_does_not_fit_a_parameter_is_refused_in_words(call: str, name: str, value: Any) -> None:
    """The error is one of ours, which says what is allowed; nothing of Python's own inside."""
    arguments = {"slug": "a", "room": offline_classroom(), **NEEDED.get(call, {}), name: value}
    if call == "comments":
        del arguments["slug"]

    with pytest.raises(TeachingNbError) as caught:
        getattr(tnb, call)(**arguments)

    assert len(str(caught.value)) < 300


def test_what_else_a_notebook_may_call_says_what_it_takes() -> None:
    """A secret in the wrong place is not repeated."""
    room: Any = offline_classroom()
    quiz = tnb.quiz("q", [{"qid": "a", "ask": "?"}], room=room)
    connect: Any = tnb.connect
    calls: list[tuple[Callable[[], Any], str]] = [
        (lambda: tnb.rooms(room=5), r"room is what tnb.connect\(\) returns"),
        (lambda: room.documents_below(5), "not below 5"),
        (lambda: room.document("a", init=5), "init of a code document is a text or an object, not 5"),
        (lambda: room.document("a", course=5), "a course is named by a text"),
        (lambda: connect("http://127.0.0.1:9", token=5), "token is a text, not one of type int"),
        (lambda: connect(5, token="t"), "url is a text, not one of type int"),
        (lambda: quiz.set_key([5]), r"set_key\(\) takes a dict"),  # type: ignore[arg-type]
        (lambda: tnb.code("übung", room=room), "use letters from a to z"),
    ]
    for call, words in calls:
        with pytest.raises(TeachingNbError, match=words):
            call()


def test_type_checkers_are_told_every_name() -> None:
    """They do not run the module, which imports what a notebook uses when it is first used."""
    (listed,) = [
        ast.literal_eval(node.value)
        for node in ast.walk(parsed(Path(str(tnb.__file__)).read_text()))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]

    assert sorted(listed) == sorted(tnb.__all__)
