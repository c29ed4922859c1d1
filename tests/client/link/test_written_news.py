"""Which actions are news of what was written for somebody; all others are for pages of the website."""

from __future__ import annotations

from typing import Any

import pytest

from teaching_nb.client.link.written_news import WRITTEN_FOR_YOU, root_in

ROOT = "7d1f2f0e-6d3a-4000-8000-000000000001"


def test_root_of_our_action_is_read() -> None:
    """Keys that nobody here knows are no hindrance."""
    assert root_in({"type": WRITTEN_FOR_YOU, "documentRootId": ROOT, "more": 1}) == ROOT


@pytest.mark.parametrize(
    "action",
    [
        None,
        "nav-reload",
        [ROOT],
        {"type": "nav-target", "target": "/x"},
        {"type": "nav-target", "documentRootId": ROOT},
        {"type": WRITTEN_FOR_YOU},
        {"type": WRITTEN_FOR_YOU, "documentRootId": "x"},
        {"type": WRITTEN_FOR_YOU, "documentRootId": [ROOT]},
    ],
)
def test_other_actions_are_none_of_ours(action: Any) -> None:
    """Whatever its shape is."""
    assert root_in(action) is None
