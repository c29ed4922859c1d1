"""Documents of type `string`."""

from __future__ import annotations

from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.schema.types.string import TYPE


class StringModel(LiveTextModel, type=TYPE):
    """A text answer."""

    text: str
    "The answer; assign it to change it for everybody."
