"""Whose document it is, when several people mean different things by one name."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection

from teaching_nb.hub.administration import class_file
from teaching_nb.hub.administration import load as class_load
from teaching_nb.hub.documents import roots as document_roots
from teaching_nb.hub.documents.root_wishes import NOT_OPENED_YET
from teaching_nb.hub.people import permissions
from teaching_nb.hub.people.permissions import OF_GROUPS
from teaching_nb.schema import wire
from tests.harness.cast import Caller, Cast
from tests.harness.running_hub import RunningHub
from tests.hub.openers import opened, opening, own_root, reads, shared_root, wish, wish_below, writes
from tests.hub.scenes import Scene

pytestmark = pytest.mark.on_both_databases


def message(answer: Any) -> str:
    """Return the message of a refusal."""
    return str(answer.json()["errors"][0]["message"])


@pytest.mark.parametrize("shared", [True, "read"])
async def test_private_text_never_becomes_public(
    a_student: Caller, a_classmate: Caller, a_teacher: Caller, shared: Any
) -> None:
    """What a student wrote as their own is not what a teacher shares under the same name, and nobody else sees it."""
    mine = await opened(a_student, wish("s", shared=False))
    assert await writes(a_student, mine["id"], "my diary") == 204

    given = await opened(a_teacher, wish("s", shared, init="for all"))
    theirs = await opened(a_classmate, wish("s", shared))

    assert given["id"] == theirs["id"] != mine["id"]
    assert theirs["data"] == {"code": "for all"}
    assert await reads(a_classmate, mine["id"]) is None
    assert await reads(a_student, (await opened(a_student, wish("s", shared=False)))["id"]) == "my diary"


async def test_own_texts_below_one_root_are_not_opened_by_a_call(
    a_student: Caller, a_classmate: Caller, a_teacher: Caller
) -> None:
    """Below a root that is named by its id, as the existing website does, a teacher's call opens nobody's text."""
    root = wire.new_id()
    mine = await opened(a_student, wish_below(root, shared=False))

    given = await opened(a_teacher, wish_below(root, shared=True))

    assert given["id"] != mine["id"]
    assert given["sharing"] == {
        "sharedAccess": "None_DocumentRoot",
        "isConfirmed": True,
        "isElsewhere": False,
        "keptPrivate": 1,
    }
    assert await reads(a_classmate, mine["id"]) is None
    assert (await a_teacher.post(f"/documentRoots/{root}", {"sharedAccess": "RW_DocumentRoot"})).status_code == 409


async def test_taking_over_a_root_opens_nobodys_text(a_student: Caller, a_classmate: Caller, a_teacher: Caller) -> None:
    """The request with which a page of the existing website makes its root is no explicit act."""
    root = wire.new_id()
    mine = await opened(a_student, wish_below(root, shared=False))

    taken = await a_teacher.post(f"/documentRoots/{root}", {"sharedAccess": "RW_DocumentRoot"})

    assert (taken.status_code, taken.json()["sharedAccess"]) == (200, "None_DocumentRoot")
    assert await reads(a_classmate, mine["id"]) is None


async def test_opening_texts_is_an_explicit_act_that_counts_them(
    a_student: Caller, a_classmate: Caller, a_teacher: Caller, a_scene: Scene, a_cast: Cast
) -> None:
    """A teacher is told beforehand whose texts are there, and afterwards how many people's have been opened."""
    root = await a_scene.root(creator=a_cast.teacher)
    for person in (a_cast.student1, a_cast.student2, a_cast.teacher):
        await a_scene.document(person, root)
    mine = (await opened(a_student, wish_below(root, shared=False)))["id"]

    asked = await a_teacher.get(f"/documentRoots/{root}/permissions")
    opens = await a_teacher.put(f"/documentRoots/{root}", {"sharedAccess": "RO_DocumentRoot"})
    wider = await a_teacher.put(f"/documentRoots/{root}", {"sharedAccess": "RW_DocumentRoot"})
    closes = await a_teacher.put(f"/documentRoots/{root}", {"sharedAccess": "None_DocumentRoot"})

    assert asked.headers["x-personal-authors"] == "2"
    headers = [answer.headers["x-opened-authors"] for answer in (opens, wider, closes)]
    assert headers == ["2", "2", "0"]
    assert await reads(a_classmate, mine) is None


async def test_word_of_a_teacher_counts_at_once(
    a_student: Caller, a_classmate: Caller, a_teacher: Caller, another_teacher: Caller
) -> None:
    """A text for everybody becomes a hand-out with the teacher's next call, and the other way round."""
    document = (await opened(a_teacher, wish("fib", shared=True)))["id"]
    assert (await opened(a_student, wish("fib", shared=True)))["id"] == document
    assert await writes(a_student, document, "by a student") == 204

    assert (await opened(a_teacher, wish("fib", shared="read")))["id"] == document

    assert await writes(a_student, document, "no more") == 403
    assert await writes(a_teacher, document, "by the teacher") == 204
    disagreeing = await opened(a_classmate, wish("fib", shared=True))
    assert (disagreeing["id"], disagreeing["sharing"]["sharedAccess"]) == (document, "RO_DocumentRoot")
    assert (await opened(another_teacher, wish("fib", shared=True)))["sharing"]["sharedAccess"] == "RO_DocumentRoot"
    await opened(a_teacher, wish("fib", shared=True))
    assert await writes(a_classmate, document, "again") == 204


async def test_whoever_means_the_other_root_of_a_name_is_told(a_student: Caller, a_teacher: Caller) -> None:
    """Of own and shared, the one that the teacher has opened last is the one that counts."""
    await opened(a_teacher, wish("s", shared=False))
    assert (await opened(a_student, wish("s", shared=False)))["sharing"]["isElsewhere"] is False

    await opened(a_teacher, wish("s", shared=True))
    assert (await opened(a_student, wish("s", shared=False)))["sharing"]["isElsewhere"] is True
    assert (await opened(a_student, wish("s", shared=True)))["sharing"]["isElsewhere"] is False

    await opened(a_teacher, wish("s", shared=False))
    assert (await opened(a_student, wish("s", shared=False)))["sharing"]["isElsewhere"] is False
    assert (await opened(a_student, wish("s", shared=True)))["sharing"]["isElsewhere"] is True


async def test_another_type_of_the_same_name_is_another_matter(a_student: Caller, a_teacher: Caller) -> None:
    """A teacher may share a program for writing and a text for reading under one slug."""
    await opened(a_teacher, wish("s", shared=True))
    text = {**wish("s", shared="read"), "type": "string", "data": {"text": ""}}
    text["documentRootId"] = shared_root("s", "string")

    assert (await opened(a_teacher, text))["sharing"]["sharedAccess"] == "RO_DocumentRoot"

    program = await opened(a_student, wish("s", shared=True))
    assert (program["sharing"]["sharedAccess"], program["sharing"]["isElsewhere"]) == ("RW_DocumentRoot", False)


async def test_student_cannot_open_somebody_elses_exam(
    a_student: Caller, a_classmate: Caller, a_stranger: Caller
) -> None:
    """Whoever makes tomorrow's root as open as can be sees nothing of what others write there as their own."""
    everything = {"access": "RW_DocumentRoot", "sharedAccess": "RW_DocumentRoot"}
    for root in (own_root("exam-1"), shared_root("exam-1")):
        assert (await a_student.post(f"/documentRoots/{root}", everything)).status_code == 200

    mine = (await opened(a_classmate, wish("exam-1", shared=False)))["id"]
    assert await writes(a_classmate, mine, "my answers") == 204

    for other in (a_student, a_stranger):
        assert await reads(other, mine) is None
        assert await writes(other, mine, "overwritten") == 404
    assert await reads(a_classmate, mine) == "my answers"


async def test_provisional_root_gives_the_least_that_anybody_asked_for(
    a_student: Caller, a_classmate: Caller, a_stranger: Caller, a_teacher: Caller
) -> None:
    """Until a teacher opens it: one asks for a text of their own, and the shared one is its author's alone."""
    root = wire.new_id()
    shared = (await opened(a_student, wish_below(root, shared=True)))["id"]
    assert await writes(a_stranger, shared, "as asked") == 204

    mine = (await opened(a_classmate, wish_below(root, shared=False)))["id"]

    assert await writes(a_stranger, shared, "no more") == 404
    assert await writes(a_student, shared, "still its author") == 204
    refused = await opening(a_stranger, wish_below(root, shared=True))
    assert refused.status_code == 403
    assert "until a teacher opens it" in message(refused)
    assert await reads(a_student, mine) is None
    assert (await opened(a_student, wish_below(root, shared=True)))["sharing"] == {
        "sharedAccess": "None_DocumentRoot",
        "isConfirmed": False,
        "isElsewhere": False,
        "keptPrivate": 0,
    }
    assert (await opened(a_teacher, wish_below(root, shared=True)))["sharing"]["keptPrivate"] == 2
    assert await reads(a_student, shared) == "still its author"


async def test_hand_out_is_made_by_elevated_people_only(
    a_student: Caller, a_classmate: Caller, a_teacher: Caller, an_admin: Caller
) -> None:
    """A student who comes first is told so and leaves no trace; the teacher's text is the hand-out."""
    early = await opening(a_student, wish("sheet", shared="read", init="by a student"))
    assert (early.status_code, message(early)) == (404, f"[404] {NOT_OPENED_YET}")
    assert early.json()["errors"][0]["code"] == "NOT_OPENED_YET"
    assert (await an_admin.get(f"/documentRoots/{shared_root('sheet')}")).json() is None

    given = await opened(a_teacher, wish("sheet", shared="read", init="by the teacher"))

    assert await writes(a_teacher, given["id"], "more") == 204
    assert (await opened(a_classmate, wish("sheet", shared="read")))["data"] == {"code": "more"}
    assert await writes(a_classmate, given["id"], "by a student") == 403


async def test_hand_out_whose_root_the_teacher_has_made_is_the_teachers(a_student: Caller, a_teacher: Caller) -> None:
    """Also then nothing of a student stands under the teacher's name."""
    body = {"access": "RW_DocumentRoot", "sharedAccess": "RO_DocumentRoot"}
    assert (await a_teacher.post(f"/documentRoots/{shared_root('sheet')}", body)).status_code == 200

    for shared in ("read", True):
        assert message(await opening(a_student, wish("sheet", shared))) == f"[404] {NOT_OPENED_YET}"

    given = await opened(a_teacher, wish("sheet", shared="read"))
    assert await writes(a_teacher, given["id"], "mine to write") == 204


async def test_text_of_students_does_not_become_the_hand_out(
    a_student: Caller, a_classmate: Caller, a_teacher: Caller
) -> None:
    """What students began under the name as a text for all is its author's own once the teacher hands something out."""
    begun = (await opened(a_student, wish("sheet", shared=True)))["id"]
    assert await writes(a_student, begun, "by a student") == 204

    given = await opened(a_teacher, wish("sheet", shared="read", init="by the teacher"))

    assert given["id"] != begun
    assert (await opened(a_classmate, wish("sheet", shared="read")))["data"] == {"code": "by the teacher"}
    assert await reads(a_classmate, begun) is None
    assert (await opened(a_student, wish("sheet", shared=False)))["id"] == begun
    assert await reads(a_student, begun) == "by a student"


async def test_text_for_all_goes_on_when_the_teacher_comes(
    a_student: Caller, a_classmate: Caller, a_teacher: Caller
) -> None:
    """The class has begun without them; with the same wish the teacher joins."""
    begun = (await opened(a_student, wish("fib", shared=True)))["id"]

    assert (await opened(a_teacher, wish("fib", shared=True)))["id"] == begun

    assert await writes(a_classmate, begun, "together") == 204


async def test_own_text_in_the_place_of_the_shared_one_is_moved_out_of_it(
    a_student: Caller, a_classmate: Caller, a_teacher: Caller
) -> None:
    """Somebody has put a text of their own below the shared root; sharing it neither opens nor is kept back by that."""
    root = shared_root("fib")
    assert (await a_student.post(f"/documentRoots/{root}")).status_code == 200
    body = {"type": "code", "documentRootId": root, "data": {"code": "mine"}}
    odd = (await a_student.post("/documents", body)).json()["id"]
    below = {"type": "note", "documentRootId": root, "data": {}, "parentId": odd}
    child = (await a_student.post("/documents", below)).json()["id"]

    shared = await opened(a_teacher, wish("fib", shared=True))

    assert shared["sharing"]["sharedAccess"] == "RW_DocumentRoot"
    assert await reads(a_classmate, odd) is None
    moved = [(await a_student.get(f"/documents/{each}")).json()["document"] for each in (odd, child)]
    assert {document["documentRootId"] for document in moved} == {own_root("fib")}
    assert (await opened(a_student, wish("fib", shared=False)))["id"] == odd


async def test_only_elevated_people_delete_what_is_shared(
    a_student: Caller, a_classmate: Caller, a_teacher: Caller, another_teacher: Caller
) -> None:
    """Whoever came first cannot take everybody's text away, neither before the teacher comes nor after."""
    document = (await opened(a_student, wish("fib", shared=True)))["id"]
    assert (await a_student.delete(f"/documents/{document}")).status_code == 403
    await opened(a_teacher, wish("fib", shared=True))

    for caller in (a_student, a_classmate, another_teacher):
        assert (await caller.delete(f"/documents/{document}")).status_code == 403
    assert (await a_teacher.delete(f"/documents/{document}")).status_code == 204


async def test_text_of_the_class_outlives_whoever_came_first(
    a_student: Caller, a_classmate: Caller, a_teacher: Caller, an_admin: Caller, a_cast: Cast
) -> None:
    """With a person goes what is theirs; what they shared stays, with its history, under the teacher's name."""
    document = (await opened(a_student, wish("fib", shared=True)))["id"]
    mine = (await opened(a_student, wish("diary", shared=False)))["id"]
    await opened(a_teacher, wish("fib", shared=True))
    lonely = (await opened(a_student, wish("later", shared=True)))["id"]
    assert await writes(a_classmate, document, "sixty lines") == 204

    removed = await an_admin.post("/api/auth/admin/remove-user", {"userId": a_cast.student1.id})

    assert removed.status_code == 200
    found = await opened(a_classmate, wish("fib", shared=True, init="# x"))
    assert (found["id"], found["data"], found["authorId"]) == (document, {"code": "sixty lines"}, a_cast.teacher.id)
    assert (await opened(a_classmate, wish("later", shared=True)))["id"] == lonely
    assert (await an_admin.get(f"/documents/{mine}")).json() is None


async def test_shared_root_must_be_the_one_of_its_name(a_student: Caller) -> None:
    """Nobody passes one root off as the shared one of another name."""
    odd = {**wish("s", shared=True), "ownRootId": own_root("t")}

    refused = await opening(a_student, odd)

    assert refused.status_code == 400
    assert own_root("t") in message(refused)


async def test_what_is_shared_is_for_those_for_whom_the_slug_was_prepared(
    a_hub: RunningHub, a_cast: Cast, *, a_student: Caller, a_classmate: Caller, a_stranger: Caller
) -> None:
    """A root that was prepared for one class says so for the shared text of the same slug, too."""

    def prepare(tx: Connection) -> None:
        closed = document_roots.RootSettings(access="None_DocumentRoot", name="members")
        document_roots.insert_root(tx, None, own_root("members"), closed)
        permissions.put(tx, OF_GROUPS, root_id=own_root("members"), subject_id=a_cast.class_a, access="RW_StudentGroup")

    await a_hub.database.write(prepare)
    shared = (await opened(a_student, wish("members", shared=True)))["id"]

    assert await writes(a_classmate, shared, "together") == 204
    assert (await opening(a_stranger, wish("members", shared=True))).status_code == 403
    assert await reads(a_stranger, shared) is None


async def test_teachers_own_text_is_not_what_they_share(a_student: Caller, a_teacher: Caller) -> None:
    """Below a root that is named by its id a teacher has a text of their own; sharing the root keeps it theirs."""
    root = wire.new_id()
    solution = (await opened(a_teacher, wish_below(root, shared=False)))["id"]
    assert await writes(a_teacher, solution, "the solution") == 204

    shared = await opened(a_teacher, wish_below(root, shared=True))

    assert shared["id"] != solution
    assert shared["sharing"]["keptPrivate"] == 1
    assert await reads(a_student, solution) is None


async def test_own_text_below_a_shared_root_is_not_the_shared_one(
    a_student: Caller, a_classmate: Caller, a_teacher: Caller
) -> None:
    """Even where everybody may see it: who asks for the shared text gets another one."""
    root = wire.new_id()
    assert (await a_teacher.post(f"/documentRoots/{root}", {"sharedAccess": "RW_DocumentRoot"})).status_code == 200
    mine = await opened(a_student, wish_below(root, shared=False))

    shared = await opened(a_classmate, wish_below(root, shared=True))

    assert shared["id"] != mine["id"]
    assert (await opened(a_teacher, wish_below(root, shared=True)))["id"] == shared["id"]


@pytest.mark.parametrize("access", ["RO_DocumentRoot", "None_DocumentRoot"])
async def test_nobody_takes_others_the_right_to_their_own_texts(
    a_student: Caller, a_classmate: Caller, access: str
) -> None:
    """What one student asks of a provisional root says what they do with others' texts, not others with their own."""
    mine = (await opened(a_student, wish("s", shared=False)))["id"]
    body = wish("s", shared=False)

    await opening(a_classmate, {**body, "root": {**body["root"], "access": access}})

    assert await writes(a_student, mine, "still mine") == 204


@pytest.mark.parametrize("shared", ["RW_DocumentRoot", "RO_DocumentRoot"])
async def test_put_confirms_a_root_also_when_it_changes_nothing(
    a_student: Caller, a_classmate: Caller, a_teacher: Caller, shared: str
) -> None:
    """A teacher who leaves a root as a student has made it has decided; no student's wish lowers it any more."""
    root = wire.new_id()
    values = {"access": "RW_DocumentRoot", "sharedAccess": shared}
    assert (await a_student.post(f"/documentRoots/{root}", values)).status_code == 200

    assert (await a_teacher.put(f"/documentRoots/{root}", values)).status_code == 204

    assert (await opened(a_classmate, wish_below(root, shared=False)))["sharing"]["sharedAccess"] == shared


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_students_text_is_no_hand_out_however_the_teacher_says_so(
    a_student: Caller, a_classmate: Caller, a_teacher: Caller, method: str
) -> None:
    """Over REST a root becomes one for hand-outs as it does from a notebook."""
    begun = (await opened(a_student, wish("sheet", shared=True)))["id"]
    body = {"sharedAccess": "RO_DocumentRoot"}
    assert (await a_teacher.send(method, f"/documentRoots/{shared_root('sheet')}", body)).status_code < 300

    assert (await opening(a_classmate, wish("sheet", shared="read"))).status_code == 404
    given = await opened(a_teacher, wish("sheet", shared="read", init="by the teacher"))

    assert given["data"] == {"code": "by the teacher"}
    assert await reads(a_classmate, begun) is None
    assert (await opened(a_student, wish("sheet", shared=False)))["id"] == begun


async def test_word_of_a_teacher_counts_again_where_nobody_had_decided(
    a_scene: Scene, a_student: Caller, a_teacher: Caller, another_teacher: Caller
) -> None:
    """Of a root that the administrator has loaded, the first teacher who shares something decides from then on."""
    root = await a_scene.root()

    for shared, access in ((True, "RW"), ("read", "RO"), (True, "RW")):
        opened_so = await opened(a_teacher, wish_below(root, shared))
        assert opened_so["sharing"]["sharedAccess"] == f"{access}_DocumentRoot"
    stays = await opened(another_teacher, wish_below(root, shared="read"))
    assert stays["sharing"]["sharedAccess"] == "RW_DocumentRoot"


async def test_moved_documents_leave_no_name_behind(a_student: Caller, a_teacher: Caller) -> None:
    """What was somebody's main document below a text that is moved keeps nobody from creating one in its old place."""
    root = shared_root("fib")
    assert (await a_student.post(f"/documentRoots/{root}")).status_code == 200
    odd = (await a_student.post("/documents", {"type": "code", "documentRootId": root, "data": {}})).json()["id"]
    note = {"type": "note", "documentRootId": root, "data": {}}
    below = await a_student.post("/documents?uniqueMain=true", {**note, "parentId": odd})
    assert below.status_code == 200

    await opened(a_teacher, wish("fib", shared=True))

    assert (await a_student.post("/documents?uniqueMain=true", note)).status_code == 200


async def test_closed_exam_does_not_close_what_is_shared_under_its_name(
    a_student: Caller, a_teacher: Caller, an_admin: Caller
) -> None:
    """After the end of an exam its texts are for reading; the solution that is handed out then is the teacher's."""
    await opened(a_teacher, wish("exam", shared=False))
    closed = await a_teacher.put(f"/documentRoots/{own_root('exam')}", {"access": "RO_DocumentRoot"})
    assert closed.status_code == 204

    solution = await opened(a_teacher, wish("exam", shared="read"))

    assert await writes(a_teacher, solution["id"], "the solution") == 204
    assert await reads(a_student, solution["id"]) == "the solution"


async def test_class_list_says_whose_texts_it_opens(a_hub: RunningHub, a_scene: Scene, a_cast: Cast) -> None:
    """Raising what is shared by `hub load` is an explicit act, too."""
    root = await a_scene.root()
    for person in (a_cast.student1, a_cast.student2):
        await a_scene.document(person, root)
    content = class_file.parse(
        f'{{"version": 2, "documentRoots": [{{"id": "{root}", "sharedAccess": "RO_DocumentRoot"}}]}}'.encode()
    )

    told = await a_hub.database.write(lambda tx: class_load.load(tx, content, {}))
    again = await a_hub.database.write(lambda tx: class_load.load(tx, content, {}))

    assert told == "loaded: 1 document roots, 2 people's own documents opened to others"
    assert again == "loaded: nothing had to be changed"


async def test_own_documents_are_put_below_what_everybody_opens(
    a_student: Caller, a_classmate: Caller, a_teacher: Caller
) -> None:
    """The shared main document belongs to its root, whoever came first; folders of others stay theirs."""
    top = await opened(a_student, wish_below(wire.new_id(), shared=True) | {"type": "dir"})
    body = {"type": "dir", "documentRootId": top["documentRootId"], "parentId": top["id"], "data": {}}
    mine = (await a_student.post("/documents", body)).json()
    theirs = (await a_classmate.post("/documents", body)).json()
    file = (await a_classmate.post("/documents", body | {"parentId": theirs["id"], "type": "file"})).json()

    moved = await a_classmate.put(f"/documents/{file['id']}/linkTo/{top['id']}")
    refused = await a_classmate.put(f"/documents/{file['id']}/linkTo/{mine['id']}")

    assert (moved.status_code, moved.json()["parentId"]) == (200, top["id"])
    assert (refused.status_code, message(refused)) == (403, "[403] Not allowed to relink a model to anothers document")
    body = {"documentRootId": top["documentRootId"], "userId": theirs["authorId"], "access": "RO_User"}
    assert (await a_teacher.post("/permissions/user", body)).status_code == 200
    assert (await a_classmate.put(f"/documents/{file['id']}/linkTo/{theirs['id']}")).status_code == 404
