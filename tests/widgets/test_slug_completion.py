"""Slugs that are offered while somebody types the name of a document, in kernels of both versions and by itself."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

import teaching_nb as tnb
from teaching_nb.widgets import default_classroom
from teaching_nb.widgets.slug_completion import begun_slug, load, unload
from tests.harness.cast import ALICE, TEACHER
from tests.harness.classrooms import ConnectAs
from tests.harness.hub_process import HubProcess
from tests.harness.kernels import Kernel
from tests.harness.offline import offline_classroom
from tests.harness.waiting import wait_until

NAMESPACE = {"tnb": tnb, "t": tnb, "task": tnb.task, "other": SimpleNamespace(code=print), "code": print}


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ('tnb.task("', ""),
        ('x = tnb.code("fib', "fib"),
        ("t.quiz('planets/a-1.", "planets/a-1."),
        ('tnb.document("fib', "fib"),
        ('print(tnb.text( r"a', "a"),
        ('if x:\n    tnb.chat(\n        "cl', "cl"),
        ('task("', ""),
    ],
)
def test_the_name_of_a_document_is_recognised(text: str, start: str) -> None:
    """In the first text of a call that shows one, wherever it stands."""
    assert begun_slug(text, NAMESPACE) == (None, start)


def test_a_classroom_of_the_notebook_is_recognised() -> None:
    """Its own documents are meant."""
    room = offline_classroom()

    assert begun_slug('doc = room.document("fi', {"room": room}) == (room, "fi")
    assert begun_slug('room.documents_below("fi', {"room": room}) == (room, "fi")
    assert begun_slug('room.task("fi', {"room": room}) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        '"',
        "tnb.task(",
        'tnb.task(slug="',
        'tnb.task("a", title="b',
        'tnb.rooms("',
        'tnb.code(f"',
        '# tnb.code("',
        "'''\ntnb.code(\"",
        'other.code("',
        'code("',
        'unknown.task("',
        'a.tnb.task("',
        'tnb.task("a\nb',
        'tnb.task(("',
        'not tnb.task ("a" "',
        '1 +* tnb.task("\\',
        '\ttnb.x\n  tnb.task)("',
    ],
)
def test_anything_else_is_left_to_others(text: str) -> None:
    """Other arguments, comments, texts, functions of the notebook's own, and what is no Python at all."""
    assert begun_slug(text, NAMESPACE) is None


_LOAD = "%load_ext teaching_nb\nimport teaching_nb as tnb"
_CONNECT = "room = tnb.connect({url!r}, {token!r}, {course!r})\nassert room.wait_live()"


def offered(kernel: Kernel, code: str) -> list[str]:
    """Return what a kernel offers at the end of some code, as it would stand there."""
    content = kernel.client.complete(code, reply=True, timeout=30)["content"]
    assert content["status"] == "ok", content
    return [code[: content["cursor_start"]] + match for match in content["matches"]]


@pytest.fixture
def a_loaded_kernel(a_kernel: Kernel) -> Iterator[Kernel]:
    """Return a kernel with the extension, which is taken away at the end."""
    a_kernel.run(_LOAD)
    yield a_kernel
    a_kernel.run("%unload_ext teaching_nb")


def test_a_kernel_offers_slugs_of_what_its_user_may_see(
    a_loaded_kernel: Kernel, a_hub: HubProcess, a_course: str, connect_as: ConnectAs
) -> None:
    """Their own and what others share with them, of this course; as soon as the kernel has heard of them."""
    teacher, student = connect_as(TEACHER), connect_as(ALICE)
    teacher.document("handed-out", shared="read").wait_saved()
    teacher.document("teachers-own").wait_loaded()
    student.document("mine/chapter-1.a").wait_loaded()
    connect = _CONNECT.format(url=a_hub.url, token=a_hub.token(ALICE), course=a_course)
    a_loaded_kernel.run(connect)

    wait_until(
        lambda: offered(a_loaded_kernel, 'tnb.task("') == ['tnb.task("handed-out', 'tnb.task("mine/chapter-1.a'],
        "what the student may see is offered",
    )
    assert offered(a_loaded_kernel, 'x = 1\nroom.document("mine/ch') == ['x = 1\nroom.document("mine/chapter-1.a']
    assert offered(a_loaded_kernel, 'tnb.task("nobody-has-this') == []
    a_loaded_kernel.run("tnb.task('begun-here');")
    assert offered(a_loaded_kernel, "tnb.task('beg") == ["tnb.task('begun-here"]
    a_loaded_kernel.run("room.close()")
    assert offered(a_loaded_kernel, "tnb.task('beg") == []


def test_without_the_extension_or_a_classroom_nothing_of_ours_is_offered(a_kernel: Kernel) -> None:
    """The notebook gets no traceback, however the extension is used."""
    a_kernel.run("import teaching_nb as tnb\n%load_ext teaching_nb\n%reload_ext teaching_nb")

    assert offered(a_kernel, 'tnb.task("handed') == []
    a_kernel.run("get_ipython().extension_manager.unload_extension('teaching_nb')")
    names = "[getattr(one, 'matcher_identifier', '') for one in get_ipython().Completer.custom_matchers]"
    assert a_kernel.run(f"print('teaching_nb.slugs' in {names})") == "False\n"


def test_a_shell_without_a_completer_is_left_alone() -> None:
    """As that of a program which runs notebooks."""
    load(SimpleNamespace())
    unload(None)

    assert default_classroom._default.on_connected is None


def test_what_fails_while_somebody_types_is_no_traceback() -> None:
    """IPython would print it."""
    completer: Any = SimpleNamespace(custom_matchers=[])
    load(SimpleNamespace(Completer=completer))
    try:
        (matcher,) = completer.custom_matchers
        assert matcher(SimpleNamespace(full_text=None)) == {"completions": [], "suppress": False}
    finally:
        unload(SimpleNamespace(Completer=completer))
    assert completer.custom_matchers == []
