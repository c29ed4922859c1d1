"""Code of the platform's pages (`script`): the live code cell. `tnb.code(slug, type="script")` makes it."""

from __future__ import annotations

from teaching_nb.schema.types.script import TYPE
from teaching_nb.widgets.code import CodeWidget


class ScriptWidget(CodeWidget, shows=TYPE):
    """A code editor with a Run button."""
