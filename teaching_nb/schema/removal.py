"""What goes with a document that is deleted, and may be somebody else's. Pure; said by hubs and by kernels alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

THREAD: Final = "mdx_comment"

OTHERS_BELOW: Final = "others have put something below this, and it would go with it: ask a teacher to delete it"


def takes_of_others(removed: Any, below: Iterable[Any], user_id: str) -> bool:
    """Tell whether what others have made would go with a document (records or rows).

    Comments on what is deleted go with it; with a thread nothing that others have said in it.
    """
    rows = list(below)
    if removed.type != THREAD:
        threads = {row.id for row in rows if row.type == THREAD}
        rows = [row for row in rows if row.id not in threads and row.parent_id not in threads]
    return any(row.author_id != user_id for row in rows)
