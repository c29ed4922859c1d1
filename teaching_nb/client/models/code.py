"""Documents of type `code`."""

from __future__ import annotations

from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.client.models.synced_traits import SyncedText


class CodeModel(LiveTextModel):
    """Source code."""

    text_name = "code"

    code = SyncedText("")
    "The source code; assign it to change it for everybody."
