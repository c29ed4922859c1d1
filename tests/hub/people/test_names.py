"""Names that people give themselves: nobody passes for a teacher, and everybody comes in under the name they have."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import update

from teaching_nb.hub.people.names import looks
from teaching_nb.hub.store.tables import users
from teaching_nb.schema.awareness import ClientState, decode, encode
from teaching_nb.tokens import mint_assertion
from tests.harness.cast import Caller, Cast
from tests.harness.editors import Editor
from tests.harness.listeners import Connect
from tests.harness.running_hub import SECRET, RunningHub
from tests.hub.scenes import Scene

TAKEN = [
    ("Tina", "Teacher"),
    ("tina", "TEACHER"),
    ("  Tina ", " Teacher"),
    ("Tina\u00a0Teacher", ""),
    ("", "Tina Teacher"),
    ("Tina", "Teacher."),
    ("★ Tina", "Teacher ★"),
    ("Tina Teacher", "(teacher)"),
    ("TinaTeacher", ""),
    ("Teacher,", "Tina"),
    ("Tina", "Téacher"),
    ("Tina", "Ｔｅａｃｈｅｒ"),
    ("Tina", "Te\u200bacher"),
    ("Tinа", "Tеасhеr"),
    ("Tina", "Teɑcher"),
    ("Tina", "ᴛᴇᴀᴄʜᴇʀ"),
    ("Ada", "Admin"),
]
"""First and last names that can be taken for those of Tina Teacher or Ada Admin; one is half Cyrillic."""

FREE = [("Tinas", "Pet"), ("Tina", "Teachera"), ("Tea", "Cher"), ("Bob", "Brown"), ("Ada", ""), ("李", "小龙")]
FREE += [("Анна", "Müller"), ("Ελένη", "αβγ-Team"), ("Ｍａｎａスミス", "")]
"""Names that are not; a student may be called like another student."""


def renaming(first: str, last: str) -> dict[str, object]:
    """Return the body that changes a name."""
    return {"data": {"firstName": first, "lastName": last}}


@pytest.mark.parametrize(("first", "last"), TAKEN)
async def test_student_cannot_take_the_name_of_a_teacher(
    a_cast: Cast, a_student: Caller, first: str, last: str
) -> None:
    """The refusal says which name and what to do; the name stays."""
    answer = await a_student.put(f"/users/{a_cast.student1.id}", renaming(first, last))

    assert answer.status_code == 409, answer.text
    message = answer.json()["errors"][0]["message"]
    assert "can be taken for that of a" in message
    assert "choose another one" in message
    assert (await a_student.get("/user")).json()["name"] == "Alice Adams"


@pytest.mark.parametrize(("first", "last"), FREE)
async def test_student_takes_any_other_name(a_cast: Cast, a_student: Caller, first: str, last: str) -> None:
    """As the existing website lets them."""
    answer = await a_student.put(f"/users/{a_cast.student1.id}", renaming(first, last))

    assert (answer.status_code, answer.json()["name"]) == (200, f"{first} {last}".strip())


@pytest.mark.parametrize("last", ["Ꭲeacher", "Tєachєr", "Teachҽr", "Teαchers"])
async def test_word_of_several_alphabets_is_refused(a_cast: Cast, a_student: Caller, last: str) -> None:
    """No list of letters that look alike is complete."""
    answer = await a_student.put(f"/users/{a_cast.student1.id}", renaming("Tina", last))

    assert answer.status_code == 400, answer.text
    assert "letters of several alphabets in one word" in answer.text
    assert (await a_student.get("/user")).json()["name"] == "Alice Adams"


async def test_name_that_turns_the_reading_is_refused(a_cast: Cast, a_student: Caller) -> None:
    """It would be shown as another one than it is."""
    answer = await a_student.put(f"/users/{a_cast.student1.id}", renaming("\u202erehcaeT aniT", ""))

    assert answer.status_code == 400
    assert "turns the direction of reading" in answer.text


async def test_elevated_people_name_others_and_keep_their_own_names(
    a_cast: Cast, *, a_teacher: Caller, another_teacher: Caller, an_admin: Caller
) -> None:
    """A school can have two people of one name; but a teacher does not take a colleague's or the admin's."""
    student, teacher, other = (f"/users/{person.id}" for person in (a_cast.student1, a_cast.teacher, a_cast.teacher2))

    assert (await a_teacher.put(student, renaming("Tina", "Teacher"))).status_code == 200
    assert (await a_teacher.put(teacher, renaming("Tina", "Teacher"))).status_code == 200
    assert (await another_teacher.put(other, renaming("Tina", "Teacher"))).status_code == 409
    body = {"userId": a_cast.teacher2.id, "data": {"name": "Ada Admin"}}
    refused = await another_teacher.post("/api/auth/admin/update-user", body)
    assert (refused.status_code, "can be taken for" in refused.json()["message"]) == (409, True)
    assert (await an_admin.put(other, renaming("Tina", "Teacher"))).status_code == 200


async def test_who_is_called_like_a_teacher_keeps_the_name(a_cast: Cast, a_student: Caller, an_admin: Caller) -> None:
    """Saving the own page again is no taking of a name, whoever came to be called so later."""
    await an_admin.put(f"/users/{a_cast.teacher.id}", renaming("Alice", "Adams"))

    answer = await a_student.put(f"/users/{a_cast.student1.id}", renaming("Alice", "Adams"))

    assert answer.status_code == 200


async def test_account_of_jupyter_comes_in_under_any_name(a_client: httpx.AsyncClient, a_cast: Cast) -> None:
    """Nobody is locked out because of a name that others gave them."""
    assertion = mint_assertion(SECRET, subject="mallory", name=a_cast.teacher.name, role="student")

    answer = await a_client.get("/api/v1/user", headers={"Authorization": f"Bearer {assertion}"})

    assert (answer.status_code, answer.json()["name"]) == (200, "Tina Teacher")


async def test_cursor_of_a_teacher_carries_the_role(a_hub: RunningHub, a_cast: Cast, connect_as: Connect) -> None:
    """A student of the same name is without it, whatever the own page says."""
    scene = Scene(a_hub.database)
    root_id = await scene.root(shared="RW")
    document_id = await scene.document(a_cast.student1, root_id)
    renamed = update(users).where(users.c.id == a_cast.student1.id).values(name=a_cast.teacher.name)
    await a_hub.database.write(lambda tx: tx.execute(renamed).rowcount)
    editors = {}
    for person in (a_cast.student1, a_cast.student2, a_cast.teacher):
        editors[person.name] = Editor(await connect_as(person), document_id)
        await editors[person.name].sync()
    watching = editors[a_cast.student2.name].listener

    lie = {"user": {"name": "Head", "role": "teacher"}}
    shown = {}
    for client, person in ((5, a_cast.student1), (6, a_cast.teacher)):
        state = encode({client: ClientState(1, lie)})
        await editors[person.name].listener.emit("AWARENESS", {"id": document_id, "state": state})
        heard = await watching.hears("DOCUMENT_AWARENESS")
        entry = decode(heard["state"])[client].state
        assert entry is not None
        shown[person.role] = (entry["user"]["name"], entry["user"].get("role"))

    assert shown == {"student": ("Tina Teacher", None), "teacher": ("Tina Teacher", "teacher")}


def test_looks_are_those_of_the_letters() -> None:
    """Names of other alphabets stay apart from each other."""
    assert looks("  Thea  TEACHER ") == "thea teacher".replace("l", "i")
    assert looks("李 小龙") != looks("李 小明")
    assert looks("ВЕРА") == looks("Вера")
    assert looks("!?") == ""
