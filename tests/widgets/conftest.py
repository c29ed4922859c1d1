"""Fixtures of the widget tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.widgets.a_kernel import Kernel, Page

_WIDGET = """
from teaching_nb.widgets.code import CodeWidget
from tests.widgets.offline import offline_model
model = offline_model("code", "x = 1")
widget = CodeWidget(model)
print(widget.comm.comm_id)
"""


@pytest.fixture(scope="module")
def a_kernel() -> Iterator[Kernel]:
    """Return a kernel that the tests of a module share."""
    kernel = Kernel()
    kernel.run("import os, sys\nsys.path.insert(0, os.getcwd())")
    yield kernel
    kernel.stop()


@pytest.fixture
def a_page(a_kernel: Kernel) -> Page:
    """Return a page that shows a live code cell of a kernel without a hub."""
    return Page(a_kernel, a_kernel.run(_WIDGET).strip())
