"""Documents of type `string`."""

from __future__ import annotations

from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.client.models.synced_traits import SyncedText


class StringModel(LiveTextModel):
    """A text answer."""

    text_name = "text"

    text = SyncedText("")
    "The answer; assign it to change it for everybody."
