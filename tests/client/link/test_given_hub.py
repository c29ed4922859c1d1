"""What tells a notebook without a hub from one whose hub is away."""

from __future__ import annotations

import pytest

from teaching_nb import tokens
from teaching_nb.client.link.given_hub import is_wanted, why_no_hub

KERNEL_TOKEN = tokens.mint_kernel_token("s" * 32, subject="tina", name="Tina", role="teacher", kernel_id="k1")
OWN_FILE = "/run/user/0/jupyter/kernel-k1.json"
HERE = {"TEACHING_NB_URL": "http://127.0.0.1:8888/teaching", "TEACHING_NB_TOKEN": KERNEL_TOKEN}
PROGRAM = {"TEACHING_NB_URL": "https://hub.school.test", "TEACHING_NB_TOKEN": "printed-by-the-hub"}


@pytest.mark.parametrize(
    ("environment", "connection_file"),
    [
        (HERE, OWN_FILE),
        # On purpose, and not a kernel's.
        (PROGRAM, ""),
        (PROGRAM, "/tmp/tmp1.json"),  # noqa: S108 - a name
        # Half an address is a mistake, which connecting explains.
        ({"TEACHING_NB_URL": "https://hub.school.test"}, ""),
    ],
)
def test_whoever_was_given_a_hub_connects(environment: dict[str, str], connection_file: str) -> None:
    """A kernel of a Jupyter server and a program with a token of its own have a hub, whether that answers or not."""
    assert why_no_hub(environment, connection_file) == ""


@pytest.mark.parametrize(
    ("environment", "connection_file", "words"),
    [
        ({}, "", "no Jupyter server with teaching_nb"),
        ({"TEACHING_NB_TOKEN": KERNEL_TOKEN}, OWN_FILE, "no Jupyter server with teaching_nb"),
        ({"TEACHING_NB_URL": "none"}, OWN_FILE, "TEACHING_NB_URL is 'none'"),
        # What a cell of the teacher's has started: another kernel, and a script.
        (HERE, "/tmp/tmp1.json", "for that notebook's kernel alone"),  # noqa: S108 - a name
        (HERE, "/run/user/0/jupyter/kernel-k2.json", "for that notebook's kernel alone"),
        (HERE, "", "for that notebook's kernel alone"),
        # nbgrader runs students' notebooks in the name of the teacher, whatever the teacher has exported.
        ({**PROGRAM, "NBGRADER_EXECUTION": "autograde"}, "", "nbgrader runs this notebook (autograde)"),
        ({**HERE, "NBGRADER_EXECUTION": "validate"}, OWN_FILE, "nbgrader runs this notebook (validate)"),
    ],
)
def test_whoever_was_given_none_does_not(environment: dict[str, str], connection_file: str, words: str) -> None:
    """There is no hub without an address, with one that is somebody else's, and where work is graded."""
    assert words in why_no_hub(environment, connection_file)


def test_no_hub_can_be_wanted() -> None:
    """Only who asks for no hub need not be told that there is none."""
    assert is_wanted({"TEACHING_NB_URL": "none"})
    assert not is_wanted({})
    assert not is_wanted(PROGRAM)


@pytest.mark.parametrize(
    "token", ["", "printed-by-the-hub", "a.b.c", tokens.mint_assertion("s" * 32, subject="t", name="", role="student")]
)
def test_only_a_kernels_token_names_a_kernel(token: str) -> None:
    """Any other token is taken for one that was given on purpose."""
    assert tokens.kernel_of(token) == ""
    assert tokens.kernel_of(KERNEL_TOKEN) == "k1"
