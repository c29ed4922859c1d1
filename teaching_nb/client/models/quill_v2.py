"""Documents of type `quill_v2`: formatted text, written as Markdown."""

from __future__ import annotations

from typing import Any

from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.client.told_traits import ToldText
from teaching_nb.errors import InvalidInput
from teaching_nb.schema import delta, documents
from teaching_nb.schema.types.quill_v2 import TYPE


class QuillV2Model(LiveTextModel, type=TYPE):
    """A formatted text. Assigning `markdown` changes it for everybody, and `delta` with it.

    A Delta of another program that Markdown cannot say is shown and never rewritten: assigning `markdown` then raises
    `InvalidInput`. Assigning `delta` replaces it on purpose.
    """

    markdown: str
    "The text; empty where `why_read_only` says something."

    why_read_only = ToldText()
    "What the document holds that Markdown cannot say, as part of a sentence; empty for a text that can be edited."

    @property
    def delta(self) -> Any:
        """Return the text as the editor Quill stores it; assign such a value to replace it.

        A last line without an end gets one. Raises `InvalidInput` for what is no Delta, `TooLarge`.
        """
        data = self.data if isinstance(self.data, dict) else {}
        # What has just been assigned is in the text first.
        return documents.with_form(TYPE.name, {**data, "markdown": self.markdown})["delta"]

    @delta.setter
    def delta(self, value: Any) -> None:
        self.data = {**(self.data if isinstance(self.data, dict) else {}), "delta": delta.given(value)}

    @property
    def readable(self) -> str:
        """Return the text as Markdown, as far as Markdown can say it."""
        if not self.why_read_only:
            return str(self.gate.peek("markdown"))
        data = self.gate.peek("data")
        return delta.readable(data.get("delta")) or "" if isinstance(data, dict) else ""

    def check_editable(self) -> None:
        """Raise `InvalidInput` for a text of another program that Markdown would take something from."""
        super().check_editable()
        if self.why_read_only:
            raise InvalidInput(
                f"this text {self.why_read_only}: it is shown here, and never rewritten; "
                "its author can replace it by assigning `.model.delta` in Python"
            )

    def show_data(self, data: Any) -> None:
        """Show data in both forms: a live text is ahead of the other one."""
        super().show_data(documents.with_form(TYPE.name, data))
        form = data.get("delta", delta.EMPTY) if isinstance(data, dict) else data
        self.gate.tell("why_read_only", delta.why_not(form))
