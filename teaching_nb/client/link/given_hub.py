"""Whether this process was given a hub: what tells “no Jupyter server” from “the hub is away”. Pure.

A kernel's address and token are that kernel's alone. What a kernel starts inherits its environment, such as nbgrader in
a cell of the teacher's: the notebook that it runs is somebody else's, and must not be connected as the teacher.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from teaching_nb import tokens
from teaching_nb.client.link.address import TOKEN_VARIABLE, URL_VARIABLE

NO_HUB = "none"
"""Value of the variable with the address, for whoever wants no hub and no warning."""
GRADING_VARIABLE = "NBGRADER_EXECUTION"
"""nbgrader says in it what it runs a notebook for, `autograde` or `validate`."""


def why_no_hub(environment: Mapping[str, str], connection_file: str) -> str:
    """Return why a call without an address does not connect; empty when it does.

    `connection_file` is that of the kernel that this process is, empty for any other program.
    """
    if purpose := environment.get(GRADING_VARIABLE, ""):
        return f"nbgrader runs this notebook ({purpose}), in the name of whoever called it"
    url = environment.get(URL_VARIABLE, "").strip()
    if not url:
        return "no Jupyter server with teaching_nb has given this Python one"
    if url == NO_HUB:
        return f"{URL_VARIABLE} is {NO_HUB!r}"
    kernel_id = tokens.kernel_of(environment.get(TOKEN_VARIABLE, ""))
    # The Jupyter server names a kernel's file so; whatever else runs notebooks does not know the id.
    if kernel_id and Path(connection_file).name != f"kernel-{kernel_id}.json":
        return "this Python was started from a notebook, whose connection is for that notebook's kernel alone"
    return ""


def is_wanted(environment: Mapping[str, str]) -> bool:
    """Tell whether somebody has said that there shall be no hub, and need not be told."""
    return environment.get(URL_VARIABLE, "").strip() == NO_HUB
