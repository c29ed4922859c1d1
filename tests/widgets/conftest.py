"""Fixtures of the widget tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness.classrooms import a_course, a_hub, a_mortal_hub, alice, bob, connect_as, the_second_hub, tina
from tests.harness.kernels import OLDER, Kernel, both_specs
from tests.widgets.pages import Page

__all__ = ["a_course", "a_hub", "a_mortal_hub", "alice", "bob", "connect_as", "the_second_hub", "tina"]

_WIDGET = """
from teaching_nb.widgets.code import CodeWidget
from tests.harness.offline import offline_model
model = offline_model("code", "x = 1")
widget = CodeWidget(model)
print(widget.comm.comm_id)
"""


@pytest.fixture(scope="module", params=["python3", OLDER])
def a_kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """Return a kernel that the tests of a module share: one of ipykernel 7, one of ipykernel 6."""
    kernel = Kernel(request.param, both_specs(tmp_path_factory.mktemp("kernels")))
    kernel.run("import os, sys\nsys.path.insert(0, os.getcwd())")
    assert kernel.run("import ipykernel\nprint(ipykernel.version_info[0])") == f"{6 if kernel.is_older else 7}\n"
    yield kernel
    kernel.stop()


@pytest.fixture
def a_page(a_kernel: Kernel) -> Page:
    """Return a page that shows a live code cell of a kernel without a hub."""
    return Page(a_kernel, a_kernel.run(_WIDGET).strip())
