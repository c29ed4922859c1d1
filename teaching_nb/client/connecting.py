"""Making classrooms: at a named hub, or where this process is."""

from __future__ import annotations

import os

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.link.address import NOWHERE, find_address
from teaching_nb.client.link.given_hub import is_wanted, why_no_hub


def connect(url: str | None = None, token: str | None = None, course: str = "") -> Classroom:
    """Return a classroom that connects to a hub and stays connected.

    In a kernel of a Jupyter server with teaching_nb no arguments are needed. Elsewhere `url` is the hub and
    `token` what `teaching-nb hub token` printed. `course` keeps slugs of different courses apart. A hub that
    cannot be reached is no error: documents can be edited and are sent when it answers. Raises
    `ConfigurationError` when there is no address or no token, `InvalidInput` for a course that cannot be.
    """
    return Classroom(find_address(url, token), course)


def connect_here(course: str = "", *, connection_file: str = "") -> tuple[Classroom, str]:
    """Return the classroom of a notebook that names no hub, and what its user has to know of that; mostly nothing.

    In a kernel of a Jupyter server with teaching_nb it connects, whether its hub answers or not. Where a notebook runs
    without such a server it has a classroom without a hub: documents hold the notebook's own content, and are never
    saved. `connection_file` is that of the kernel that this process is. Raises `ConfigurationError` without a token.
    """
    why = why_no_hub(os.environ, connection_file)
    return Classroom(NOWHERE if why else find_address(), course), "" if is_wanted(os.environ) else why
