"""Documents of type `string`."""

from __future__ import annotations

from teaching_nb.client.models.edited_traits import EditedText
from teaching_nb.client.models.live_text import LiveTextModel


class StringModel(LiveTextModel):
    """A text answer."""

    text_name = "text"

    text = EditedText("")
    "The answer; assign it to change it for everybody."
