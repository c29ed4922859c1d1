"""Documents of type `code`."""

from __future__ import annotations

from teaching_nb.client.models.edited_traits import EditedText
from teaching_nb.client.models.live_text import LiveTextModel


class CodeModel(LiveTextModel):
    """Source code."""

    text_name = "code"

    code = EditedText("")
    "The source code; assign it to change it for everybody."
