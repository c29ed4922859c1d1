"""Documents of type `code`."""

from __future__ import annotations

from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.schema.types.code import TYPE


class CodeModel(LiveTextModel, type=TYPE):
    """Source code."""

    code: str
    "The source code; assign it to change it for everybody."
