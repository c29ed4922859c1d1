"""What was saved and is then taken away is a version: by whom, how, and how soon ever."""

from __future__ import annotations

import itertools
import random
from functools import partial
from typing import Any

import pytest

from teaching_nb.hub.documents import log_entries, update_log
from teaching_nb.hub.documents.version_ends import MINUTE, MUCH
from tests.harness.cast import Caller, Cast
from tests.harness.clocks import WallClock
from tests.harness.editors import Editor
from tests.harness.running_hub import RunningHub
from tests.hub.conftest import BOTH
from tests.hub.documents.test_history import restore, texts
from tests.hub.scenes import Scene

SECOND = 1_000
PASTED = "".join(f"print('line {number}')\n" for number in range(40))

pytestmark = getattr(pytest.mark, BOTH)


@pytest.fixture
async def a_document(a_scene: Scene, a_cast: Cast) -> str:
    """Return a document of student 1 with the text `# start`, which everybody may edit."""
    return await a_scene.document(a_cast.student1, await a_scene.root(shared="RW"), data={"code": "# start\n"})


def _emptying(data: Any) -> None:
    data["code"].clear()


async def empty(editor: Editor) -> None:
    """Select all and delete it, as one acknowledged edit."""
    assert (await editor.send(editor.changed(_emptying)))["ok"]


async def paste(editor: Editor, new: str = PASTED) -> None:
    """Insert text and wait for "Saved"."""
    assert (await editor.write(new))["ok"]


async def test_text_that_somebody_else_empties_is_a_version(
    a_student: Caller, a_document: str, an_author: Editor, a_guest: Editor, a_hub: RunningHub, a_clock: WallClock
) -> None:
    """One person pastes forty lines, three seconds later another one empties the text: the forty lines are kept."""
    await paste(an_author)
    await a_hub.write_back()
    await a_guest.receive()
    a_clock.advance(3 * SECOND)
    await empty(a_guest)

    assert await texts(a_student, a_document) == [
        ("start", "# start\n", ["Alice"]),
        ("edit", PASTED + "# start\n", ["Alice"]),
        ("edit", "", ["Bob"]),
    ]


async def test_text_that_is_emptied_within_the_same_second_is_a_version(
    a_student: Caller, a_document: str, an_author: Editor, a_guest: Editor
) -> None:
    """Pasting and emptying between two moments of writing back: both were acknowledged, so both are kept."""
    await paste(an_author)
    await a_guest.receive()
    await empty(a_guest)

    assert await texts(a_student, a_document) == [
        ("start", "# start\n", ["Alice"]),
        ("edit", PASTED + "# start\n", ["Alice"]),
        ("edit", "", ["Bob"]),
    ]


async def test_put_that_empties_keeps_what_was_there(
    a_student: Caller, a_classmate: Caller, a_document: str, an_author: Editor
) -> None:
    """A client without live text is no exception."""
    await paste(an_author)
    await a_classmate.put(f"/documents/{a_document}", {"data": {"code": ""}})

    assert [text for _, text, _ in await texts(a_student, a_document)] == ["# start\n", PASTED + "# start\n", ""]
    assert (await restore(a_student, a_document, 2)).json()["data"]["code"] == PASTED + "# start\n"


async def test_restore_that_takes_away_keeps_what_was_there(
    a_student: Caller, a_classmate: Caller, a_document: str, an_author: Editor, a_guest: Editor
) -> None:
    """A restored version replaces text of this second, and that can be brought back too."""
    await paste(an_author)
    await restore(a_classmate, a_document, 1)
    await an_author.receive()
    await paste(an_author, "x = 1\n")
    await restore(a_classmate, a_document, 2)

    assert [text for _, text, _ in await texts(a_student, a_document)] == [
        "# start\n",
        PASTED + "# start\n",
        "# start\n",
        "x = 1\n# start\n",
        PASTED + "# start\n",
    ]


async def test_line_of_somebody_else_is_kept_before_it_is_deleted(
    a_student: Caller, a_document: str, an_author: Editor, a_guest: Editor
) -> None:
    """A short line is enough when another person wrote it, also while both write together."""
    await an_author.write("b = 2\n")
    await a_guest.receive()
    await a_guest.write("c = 3\n")
    await a_guest.send(a_guest.changed(lambda data: data["code"].__delitem__(slice(6, 12))))

    assert [text for _, text, _ in await texts(a_student, a_document)] == [
        "# start\n",
        "c = 3\nb = 2\n# start\n",
        "c = 3\n# start\n",
    ]


async def test_functions_that_are_deleted_one_by_one_are_a_version_each(
    a_student: Caller, a_document: str, an_author: Editor
) -> None:
    """Each edit that takes away much closes the version before it, also when nothing was written in between."""
    functions = [f"def {name}(x):\n    return x + 1000000000\n\n" for name in "abc"]
    await paste(an_author, "".join(functions))
    for _ in functions:
        await an_author.send(an_author.changed(lambda data: data["code"].__delitem__(slice(0, len(functions[0])))))

    found = [text for _, text, _ in await texts(a_student, a_document)]

    assert found == ["# start\n", *("".join(functions[gone:]) + "# start\n" for gone in range(4))]


async def test_undoing_a_few_letters_is_no_version(
    a_student: Caller, a_document: str, an_author: Editor, a_guest: Editor, a_hub: RunningHub
) -> None:
    """Typing with slips leaves one version, whoever else is there."""
    for word in ("prinz", "(", "hellp", ")"):
        await an_author.write(word)
        await an_author.send(an_author.changed(lambda data: data["code"].__delitem__(slice(0, 1))))
        await a_hub.write_back()

    assert len(await texts(a_student, a_document)) == 2


async def test_own_text_that_is_deleted_letter_by_letter_is_a_version_once(
    a_student: Caller, a_document: str, an_author: Editor, a_hub: RunningHub
) -> None:
    """Whoever holds the backspace key finds the whole text again, not one version for every few letters of it."""
    text = "def area(radius):\n    return 3.14 * radius ** 2\n" * 3
    await paste(an_author, text)
    for turn in range(len(text)):
        await an_author.send(an_author.changed(lambda data: data["code"].__delitem__(slice(0, 1))))
        if turn % 20 == 10:
            await a_hub.write_back()
    await an_author.write("x = 1\n")

    assert [text for _, text, _ in await texts(a_student, a_document)] == [
        "# start\n",
        text + "# start\n",
        "x = 1\n# start\n",
    ]


async def test_hub_that_was_killed_keeps_what_was_taken_away(
    a_student: Caller, a_cast: Cast, a_document: str, an_author: Editor, a_hub: RunningHub, a_clock: WallClock
) -> None:
    """Edits that only the log holds, of two people and with a pause, become the versions that they would have been."""
    await an_author.write("a")
    await a_hub.write_back()
    updates = [
        (a_cast.student1.id, an_author.edit(PASTED)),
        (a_cast.student2.id, an_author.changed(_emptying)),
        (a_cast.student2.id, an_author.edit("later\n")),
    ]
    for (author_id, update), pause in zip(updates, (3 * SECOND, 10 * MINUTE, 0), strict=True):
        await a_hub.database.write(
            partial(update_log.append, document_id=a_document, entry=update, author_id=author_id)
        )
        a_clock.advance(pause)

    assert await texts(a_student, a_document) == [
        ("start", "# start\n", ["Alice"]),
        ("edit", PASTED + "a# start\n", ["Alice"]),
        ("edit", "", ["Bob"]),
        ("edit", "later\n", ["Bob"]),
    ]


async def test_merging_the_log_loses_no_version(
    a_student: Caller,
    a_document: str,
    an_author: Editor,
    a_guest: Editor,
    a_hub: RunningHub,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the log forgets is in the history, when it is deleted soon after too."""
    monkeypatch.setattr(update_log, "MAX_LOG_ENTRIES", 5)
    await paste(an_author)
    for letter in "abcdef":
        await an_author.write(letter)
    await a_hub.write_back()
    await a_guest.sync()
    await empty(a_guest)

    assert (await a_hub.database.read(lambda tx: len(log_entries.entries(tx, a_document)))) < 5
    assert [text for _, text, _ in await texts(a_student, a_document)] == [
        "# start\n",
        "fedcba" + PASTED + "# start\n",
        "",
    ]


async def test_vandal_does_not_push_out_what_others_wrote(
    a_student: Caller, a_document: str, an_author: Editor, a_guest: Editor, a_hub: RunningHub, a_clock: WallClock
) -> None:
    """Writing and deleting in a loop leaves few versions, and what somebody else wrote stays, for an hour too."""
    await paste(an_author)
    await a_guest.receive()
    for turn in range(60):
        await empty(a_guest)
        await a_guest.write(f"{turn} " + "rubbish " * 20)
        if turn % 5 == 0:
            await a_hub.write_back()
        if turn > 50:
            a_clock.advance(6 * MINUTE)

    found = [text for _, text, _ in await texts(a_student, a_document)]

    assert PASTED + "# start\n" in found
    assert len(found) < 40


async def test_every_state_that_lost_much_is_found(
    a_student: Caller, a_document: str, an_author: Editor, a_guest: Editor, a_hub: RunningHub, a_clock: WallClock
) -> None:
    """Whatever two people write and delete: of what stood saved and was taken away, less than the bound is missing."""
    chance = random.Random(7)
    editors, states = [an_author, a_guest], [an_author.text]
    for _ in range(150):
        editor, other = chance.sample(editors, 2)
        await editor.send(editor.changed(partial(_odd_change, chance=chance)))
        await other.receive()
        states.append(editor.text)
        a_clock.advance(chance.randrange(2 * SECOND))
        if chance.random() < 0.3:
            await a_hub.write_back()

    kept = [text for _, text, _ in await texts(a_student, a_document)]

    assert len(kept) < len(states) // 2
    # Every character stands for itself here.
    assert max(min(len(set(state) - set(text)) for text in kept) for state in states) < 2 * MUCH


_characters = itertools.count(0x4E00)


def _odd_change(data: Any, *, chance: random.Random) -> None:
    """Write or delete, a little or much, somewhere."""
    text = data["code"]
    whole = str(text)
    size = chance.choice([1, 1, 1, 2, 4, 8, 40])
    place = chance.randrange(len(whole) + 1)
    start = len(whole[:place].encode())
    if place == len(whole) or chance.random() < 0.55:
        text.insert(start, "".join(chr(next(_characters)) for _ in range(size)))
        return
    stop = len(whole[: place + size].encode())
    del text[start:stop]
