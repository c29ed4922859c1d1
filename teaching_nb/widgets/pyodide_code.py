"""Code of the platform's pages (`pyodide_code`): the live code cell. `tnb.code(slug, type="pyodide_code")` makes it."""

from __future__ import annotations

from teaching_nb.schema.types.pyodide_code import TYPE
from teaching_nb.widgets.code import CodeWidget


class PyodideCodeWidget(CodeWidget, shows=TYPE):
    """A code editor with a Run button."""
