"""The client: what a kernel, or any Python program, knows of a hub."""

from __future__ import annotations

import logging

from teaching_nb.client.classroom import Classroom
from teaching_nb.client.connecting import connect
from teaching_nb.client.models.code import CodeModel
from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.client.models.string import StringModel
from teaching_nb.client.models.task_state import TaskStateModel

__all__ = [
    "Classroom",
    "CodeModel",
    "DocumentModel",
    "LiveTextModel",
    "StringModel",
    "TaskStateModel",
    "connect",
]

# Without a handler Python prints warnings of libraries into the running cell.
logging.getLogger(__name__).addHandler(logging.NullHandler())
