"""Merging the log of a live document: it becomes short, and whoever holds an older state can go on."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pycrdt
from sqlalchemy import select

from teaching_nb.hub.documents import update_log
from teaching_nb.hub.store.tables import live_updates
from tests.harness.cast import Cast
from tests.harness.editors import Editor
from tests.harness.listeners import Connect
from tests.harness.running_hub import RunningHub

SECRET = "deleted words "


async def merge_log(hub: RunningHub, document_id: str) -> bytes:
    """Write the text back, and return the one entry that is left of the log, as it is stored."""
    with mock.patch.object(update_log, "MAX_LOG_ENTRIES", 2):
        await hub.database.write(lambda tx: update_log.materialize(tx, [document_id]))
    query = select(live_updates.c.update, live_updates.c.is_packed).where(live_updates.c.document_id == document_id)
    ((entry, is_packed),) = await hub.database.read(lambda tx: tx.execute(query).all())
    assert is_packed
    return bytes(entry)


async def write_and_delete(editor: Editor) -> None:
    """Insert some words and delete them again, in several edits."""
    await editor.write(SECRET)
    await editor.write("y")
    await editor.send(editor.changed(lambda data: data["code"].__delitem__(slice(1, len(SECRET) + 1))))
    await editor.write("z")
    assert editor.text == "zyx"


async def test_deleted_text_leaves_the_log(a_hub: RunningHub, a_document: str, an_author: Editor) -> None:
    """After a merge nothing of what was deleted is in the log any more, and the text is what it was."""
    await write_and_delete(an_author)

    await merge_log(a_hub, a_document)

    state = await a_hub.database.read(lambda tx: update_log.load(tx, a_document))
    assert state is not None
    (whole,) = state.updates
    assert SECRET.encode() not in whole
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    doc.apply_update(whole)
    assert doc.get("data", type=pycrdt.Map).to_py() == {"code": "zyx"}


async def test_deletion_can_be_undone_after_a_merge(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_document: str, an_author: Editor
) -> None:
    """Undo in an editor brings back text that the hub has forgotten, for it is written anew."""
    await an_author.write(SECRET)
    undo = pycrdt.UndoManager(scopes=[an_author.data["code"]], capture_timeout_millis=0)
    await an_author.write("y")
    await an_author.send(an_author.changed(lambda data: data["code"].__delitem__(slice(1, len(SECRET) + 1))))
    await an_author.write("z", at=2)
    await merge_log(a_hub, a_document)
    await _forget(a_hub, an_author)

    before = an_author.doc.get_state()
    undo.undo()
    undo.undo()
    undone = an_author.doc.get_update(before)
    answer = await an_author.send(undone)

    other = Editor(await connect_as(a_cast.student2), a_document)
    await other.sync()
    assert answer["ok"]
    assert other.text == an_author.text == f"y{SECRET}x"


async def test_edit_beside_forgotten_text_is_taken(
    a_hub: RunningHub, a_cast: Cast, connect_as: Connect, a_document: str, an_author: Editor
) -> None:
    """Somebody who was away typed into words that were deleted and forgotten meanwhile: both sides agree."""
    away = Editor(await connect_as(a_cast.student2), a_document)
    await an_author.write(SECRET)
    await away.sync()
    typed = away.edit("typed ", at=8)
    await an_author.write("y")
    await an_author.send(an_author.changed(lambda data: data["code"].__delitem__(slice(1, len(SECRET) + 1))))
    await an_author.write("z")
    await merge_log(a_hub, a_document)
    await _forget(a_hub, an_author)

    answer = await away.send(typed)
    await away.sync()
    await an_author.sync()

    assert answer["ok"]
    assert away.text == an_author.text == "zytyped x"


async def _forget(hub: RunningHub, editor: Editor) -> None:
    """Have the hub read the document from its log again, as after a restart."""
    live = hub.live
    live.documents.throw_away(live.documents._open[editor.document_id])
