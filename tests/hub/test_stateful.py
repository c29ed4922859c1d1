"""Random sequences of what a school does at a hub: nobody is told or shown more, or less, than the algebra says."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar, cast

import pycrdt
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from teaching_nb.hub.config import Settings
from teaching_nb.hub.live import write_back
from teaching_nb.schema.access import Kind, is_writable
from teaching_nb.schema.events import DOCUMENT_UPDATE
from tests.harness.cast import CLASSES, ROLES, Cast
from tests.harness.running_hub import SECRET, RunningHub, serving
from tests.hub import model_statuses as statuses
from tests.hub.driver import Driver
from tests.hub.model import Document, Model, Notice, Root, Tab, Told

T = TypeVar("T")

PROFILE = hypothesis_settings(
    max_examples=25,
    stateful_step_count=25,
    derandomize=True,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    # Shrinking starts a hub for every attempt: it would outlast the test's time and hide what was found.
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)

MOST_TABS = 9

kinds = st.sampled_from(["RO", "RW", "None"])
maybe_kinds = st.sampled_from(["RO", "RW", "None", None])
everybody = st.sampled_from(sorted(ROLES))
members = st.sampled_from(sorted(ROLES.keys() - {"admin"}))
classes = st.sampled_from(sorted(CLASSES))
texts = st.sampled_from(["a", "b", "c"])
flags = st.booleans()


class School(RuleBasedStateMachine):
    """People, groups, roots, documents and tabs of one hub, with the model beside it."""

    open_driver: Callable[[AsyncExitStack], Awaitable[Driver]]
    runner: asyncio.Runner

    tabs = Bundle("tabs")
    roots = Bundle("roots")
    documents = Bundle("documents")

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(1)
        self._permissions: dict[tuple[str, str], str] = {}
        self._stack = AsyncExitStack()
        groups = {name: {person: person == head for person in (head, *rest)} for name, (head, *rest) in CLASSES.items()}
        self.model = Model(dict(ROLES), groups)
        self.driver: Driver = self._run(type(self).open_driver(self._stack))

    def teardown(self) -> None:
        """End the hub."""
        self._run(self._stack.aclose())

    # What is there from the beginning.

    @initialize(target=tabs)
    def some_are_connected(self) -> Any:
        """Let the people of one class, a stranger and the admin connect."""
        people = ("student1", "student2", "student3", "teacher", "admin")
        return multiple(*(self._connect(person) for person in people))

    @initialize(target=roots, access=kinds, shared=kinds)
    def a_root_exists(self, access: Kind, shared: Kind) -> str:
        """Create the first root."""
        return self._create_root(access, shared)

    # People and their tabs.

    @rule(target=tabs, person=everybody)
    def connect(self, person: str) -> Any:
        """Open one more tab."""
        return self._connect(person) if len(self.model.tabs) < MOST_TABS else multiple()

    @rule(tab=tabs)
    def disconnect(self, tab: str) -> None:
        """Close a tab."""
        if self.model.tabs.pop(tab, None):
            self._run(self.driver.disconnect(tab))

    @rule(tab=tabs, room=st.one_of(roots, everybody, classes))
    def join(self, tab: str, room: str) -> None:
        """Ask for a room."""
        there = self.model.tabs.get(tab)
        if there is None:
            return
        is_allowed = self.model.may_join(there.person, room)
        if is_allowed and room not in self.model.granted_rooms(there.person):
            there.requested.add(room)
        assert self._run(self.driver.ask(tab, "JOIN_ROOM", room)) is is_allowed
        self._compare({})

    @rule(tab=tabs, room=st.one_of(roots, everybody))
    def leave(self, tab: str, room: str) -> None:
        """Give up a room."""
        there = self.model.tabs.get(tab)
        if there is None:
            return
        is_own = room == there.person
        is_allowed = not is_own and (self.model.is_elevated(there.person) or room in there.requested)
        there.requested.discard(room)
        assert self._run(self.driver.ask(tab, "LEAVE_ROOM", room)) is is_allowed
        self._compare({})

    # Groups and roles.

    @rule(group=classes, person=members)
    def enrol(self, group: str, person: str) -> None:
        """Make somebody an ordinary member of a class."""
        self._admin("POST", f"/studentGroups/{self._id(group)}/members/{self._id(person)}")
        self.model.members[group][person] = False
        self._compare({})

    @rule(group=classes, person=members)
    def expel(self, group: str, person: str) -> None:
        """End a membership."""
        self._admin("DELETE", f"/studentGroups/{self._id(group)}/members/{self._id(person)}")
        self.model.members[group].pop(person, None)
        self._compare({})

    @rule(group=classes, person=members, is_admin=flags)
    def mark(self, group: str, person: str, is_admin: bool) -> None:  # noqa: FBT001 - Hypothesis names the arguments
        """Make a member a group admin, or an ordinary member again."""
        is_member = person in self.model.members[group]
        path = f"/studentGroups/{self._id(group)}/admins/{self._id(person)}"
        self._admin("POST", path, {"isAdmin": is_admin}, status=200 if is_member else 400)
        if is_member:
            self.model.members[group][person] = is_admin
        self._compare({})

    @rule(person=st.sampled_from(["student3", "teacher2"]), role=st.sampled_from(["student", "teacher", "admin"]))
    def change_role(self, person: str, role: str) -> None:
        """Give somebody another role."""
        self._admin("PUT", f"/users/{self._id(person)}", {"data": {"role": role}})
        self.model.roles[person] = role
        self._compare({})

    # Roots and permissions.

    @rule(target=roots, access=kinds, shared=kinds)
    def create_root(self, access: Kind, shared: Kind) -> str:
        """Create a root."""
        return self._create_root(access, shared)

    @rule(root=roots, access=kinds, shared=kinds)
    def change_root(self, root: str, access: Kind, shared: Kind) -> None:
        """Open or close a root."""
        is_there = root in self.model.roots
        body = {"access": f"{access}_DocumentRoot", "sharedAccess": f"{shared}_DocumentRoot"}
        self._admin("PUT", f"/documentRoots/{self._id(root)}", body, status=204 if is_there else 404)
        if is_there:
            self.model.roots[root].access, self.model.roots[root].shared = access, shared
        self._compare({})

    @rule(root=roots, certainty=st.integers(0, 3))
    def remove_root(self, root: str, certainty: int) -> None:
        """Delete a root with everything below it, not too often."""
        if certainty or root not in self.model.roots:
            return
        self._admin("DELETE", f"/documentRoots/{self._id(root)}")
        doomed = [name for name, document in self.model.documents.items() if document.root == root]
        told = self.model.removed(doomed, "admin")
        del self.model.roots[root]
        self._compare(told)

    @rule(root=roots, person=members, kind=maybe_kinds)
    def permit_user(self, root: str, person: str, kind: Kind | None) -> None:
        """Set or take back the permission of one person."""
        if root in self.model.roots:
            self._permit("user", root, person, kind)
            _put(self.model.roots[root].users, person, kind)
            self._compare({})

    @rule(root=roots, group=classes, kind=maybe_kinds)
    def permit_group(self, root: str, group: str, kind: Kind | None) -> None:
        """Set or take back the permission of a class."""
        if root in self.model.roots:
            self._permit("group", root, group, kind)
            _put(self.model.roots[root].groups, group, kind)
            self._compare({})

    # Documents.

    @rule(
        target=documents, person=everybody, root=roots, author=st.none() | everybody, text=texts, tab=st.none() | tabs
    )
    def create_document(self, person: str, root: str, author: str | None, text: str, tab: str | None) -> Any:
        """Create a document, perhaps on somebody's behalf."""
        return self._create_document(person, root, author=author, text=text, tab=tab, parent=None)

    @rule(target=documents, person=everybody, parent=documents, text=texts, root=roots)
    def create_below(self, person: str, parent: str, text: str, root: str) -> Any:
        """Create a document below another one, mostly in its root."""
        above = self.model.documents.get(parent)
        own_root = above.root if above else root
        return self._create_document(person, own_root, author=None, text=text, tab=None, parent=parent)

    @rule(person=everybody, name=documents, text=texts, on_behalf=flags, tab=st.none() | tabs)
    def change_document(self, person: str, name: str, text: str, on_behalf: bool, tab: str | None) -> None:  # noqa: FBT001 - Hypothesis names the arguments
        """Store a document."""
        status = statuses.on_changing(self.model, person, name, on_behalf=on_behalf)
        answer = self._ask(person, "PUT", f"/documents/{self._id(name)}", {"data": {"code": text}}, on_behalf, tab)
        assert answer.status_code == status, answer.text
        told: Told = {}
        if status == 204 and self.model.documents[name].text != text:
            self.model.documents[name].text = text
            told = self.model.changed(name, person, sender=self._sender(person, tab))
        self._compare(told)

    @rule(name=documents)
    def change_at_once(self, name: str) -> None:
        """Store a document three times at once: everybody is told of all three, in the order of their revisions."""
        document = self.model.documents.get(name)
        if document is None:
            return
        first = document.revision + 1
        path = f"/documents/{self._id(name)}"
        bodies = [{"data": {"code": f"{document.revision} {number}"}} for number in range(3)]
        answers = self._run(self._at_once("PUT", path, bodies))
        assert [answer.status_code for answer in answers] == [204] * 3
        stored = {
            int(a.headers["x-document-revision"]): b["data"]["code"] for a, b in zip(answers, bodies, strict=True)
        }
        assert sorted(stored) == [first, first + 1, first + 2]
        told: Told = {}
        for revision in sorted(stored):
            document.text = stored[revision]
            _add(told, self.model.changed(name, "admin"))
        self._compare(told)

    @rule(person=everybody, name=documents, parent=documents, tab=st.none() | tabs)
    def link(self, person: str, name: str, parent: str, tab: str | None) -> None:
        """Put a document below another one."""
        status = statuses.on_linking(self.model, person, name, parent)
        answer = self._ask(person, "PUT", f"/documents/{self._id(name)}/linkTo/{self._id(parent)}", None, False, tab)
        assert answer.status_code == status, answer.text
        told: Told = {}
        if status == 200 and self.model.documents[name].parent != parent:
            document = self.model.documents[name]
            document.parent = parent
            document.revision += 1
            notice = ("CHANGED_RECORD", name, f"{document.revision} {document.text}")
            told = {hearer: [notice] for hearer in self.model.hearers(name, person) - {self._sender(person, tab)}}
        self._compare(told)

    @rule(person=everybody, name=documents, on_behalf=flags, tab=st.none() | tabs)
    def remove_document(self, person: str, name: str, on_behalf: bool, tab: str | None) -> None:  # noqa: FBT001 - Hypothesis names the arguments
        """Delete a document with everything below it."""
        status = statuses.on_removing(self.model, person, name, on_behalf=on_behalf)
        answer = self._ask(person, "DELETE", f"/documents/{self._id(name)}", None, on_behalf, tab)
        assert answer.status_code == status, answer.text
        told: Told = {}
        if status == 204:
            doomed = [*reversed(self.model.below(name)), name]
            told = self.model.removed(doomed, person, self._sender(person, tab))
        self._compare(told)

    # Live text.

    @rule(tab=tabs, name=documents)
    def follow(self, tab: str, name: str) -> None:
        """Follow a document live."""
        if tab in self.model.tabs:
            self._run(self._follow(tab, name))
            self._compare({})

    @rule(tab=tabs, name=documents)
    def stop_following(self, tab: str, name: str) -> None:
        """Give up a live document."""
        if tab in self.model.tabs:
            assert self._run(self.driver.stop_following(tab, name)) == {"ok": True}
            self.model.tabs[tab].live.pop(name, None)
            self._compare({})

    @rule(tab=tabs, name=documents, text=texts)
    def edit_live(self, tab: str, name: str, text: str) -> None:
        """Type into a document, whether or not that is allowed."""
        if tab not in self.model.tabs:
            return
        access = self.model.live_access(self.model.tabs[tab].person, name)
        may_write = access is not None and is_writable(access)
        assert self._run(self._type(tab, name, text)) is may_write
        told: Told = {}
        if may_write:
            document = self.model.documents[name]
            document.text = text + document.text
            told = self.model.changed(name, None, by_tab=tab)
        self._compare(told)

    # What holds after every step.

    @invariant()
    def everybody_reads_what_they_may(self) -> None:
        """Compare the root loads of all people with the model."""
        if self.model.roots:
            self._run(self._compare_loads())

    @invariant()
    def everybody_is_where_they_may_be(self) -> None:
        """Compare what the hub takes each tab for, and the rooms it is in, with the model."""
        expected = {
            name: (self.model.roles[tab.person], self.model.granted_rooms(tab.person) | tab.requested)
            for name, tab in self.model.tabs.items()
        }
        assert self.driver.whereabouts() == expected

    # How it is done.

    async def _compare_loads(self) -> None:
        body = {"documentRootIds": [self._id(root) for root in self.model.roots]}
        loads = await asyncio.gather(
            *(self.driver.request(who, "POST", f"/users/{self._id(who)}/documentRoots", body) for who in ROLES)
        )
        for who, load in zip(ROLES, loads, strict=True):
            found = {entry["id"]: entry["data"] for root in load.json() for entry in root["documents"]}
            shown = {name: self.model.shown(who, name) for name in self.model.documents}
            expected = {self._id(name): text for name, text in shown.items() if text is not None}
            assert {id_: data["code"] if data else "" for id_, data in found.items()} == expected, who

    def _compare(self, told: Told) -> None:
        """Compare what the tabs were told with `told` and what follows from a change of access."""
        _add(told, self.model.settled())
        self._run(self.driver.write_back())
        heard = self._run(self.driver.told())
        expected = {tab: sorted(told.get(tab, [])) for tab in self.model.tabs}
        found = {tab: _with_merged(sorted(notices), expected.get(tab, [])) for tab, notices in heard.items()}
        assert found == expected
        for tab, notices in heard.items():
            revisions = [int(detail.split()[0]) for event, _, detail in notices if event == "CHANGED_DOCUMENT"]
            assert revisions == sorted(revisions), (tab, notices)

    def _run(self, coroutine: Awaitable[T]) -> T:
        return type(self).runner.run(cast("Coroutine[Any, Any, T]", coroutine))

    def _id(self, name: str) -> str:
        return self.driver.id_of(name)

    def _sender(self, person: str, tab: str | None) -> str | None:
        """Return the tab that is not told: the one that was named, if it is the caller's."""
        there = self.model.tabs.get(tab or "")
        return tab if there is not None and there.person == person else None

    def _ask(self, person: str, method: str, path: str, body: Any, on_behalf: bool, tab: str | None) -> Any:  # noqa: FBT001 - one of the flags of a rule
        options = {"onBehalfOf": "true"} if on_behalf else None
        return self._run(self.driver.request(person, method, path, body, flags=options, sender=tab))

    def _admin(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        answer = self._run(self.driver.request("admin", method, path, body))
        assert answer.status_code == status, answer.text
        return answer

    async def _at_once(self, method: str, path: str, bodies: list[Any]) -> list[Any]:
        flags = {"onBehalfOf": "true"}
        return await asyncio.gather(*(self.driver.request("admin", method, path, body, flags=flags) for body in bodies))

    def _connect(self, person: str) -> str:
        tab = f"{person}#{next(self._numbers)}"
        self._run(self.driver.connect(tab, person))
        self.model.tabs[tab] = Tab(person)
        self._compare({})
        return tab

    def _create_root(self, access: Kind, shared: Kind) -> str:
        root = f"root{next(self._numbers)}"
        body = {"access": f"{access}_DocumentRoot", "sharedAccess": f"{shared}_DocumentRoot"}
        self._admin("POST", f"/documentRoots/{self._id(root)}", body)
        self.model.roots[root] = Root(access, shared)
        self._compare({})
        return root

    def _permit(self, what: str, root: str, subject: str, kind: Kind | None) -> None:
        key = (root, subject)
        if kind is None:
            if key in self._permissions:
                self._admin("DELETE", f"/permissions/{what}/{self._permissions.pop(key)}")
            return
        # The hub puts the word into the tier of the permission.
        body = {"documentRootId": self._id(root), f"{what}Id": self._id(subject), "access": f"{kind}_DocumentRoot"}
        self._permissions[key] = self._admin("POST", f"/permissions/{what}", body).json()["id"]

    def _create_document(
        self, person: str, root: str, *, author: str | None, text: str, tab: str | None, parent: str | None
    ) -> Any:
        status = statuses.on_creating(self.model, person, root, parent=parent, on_behalf_of=author)
        body = {"type": "code", "documentRootId": self._id(root), "data": {"code": text}}
        body |= {"authorId": self._id(author)} if author else {}
        body |= {"parentId": self._id(parent)} if parent else {}
        answer = self._ask(person, "POST", "/documents", body, author is not None, tab)
        assert answer.status_code == status, answer.text
        if status != 200:
            self._compare({})
            return multiple()
        name = f"document{next(self._numbers)}"
        self.driver.call(name, answer.json()["id"])
        by = author if author and self.model.is_elevated(person) else person
        self.model.documents[name] = Document(root, by, text, parent)
        notice = ("NEW_RECORD", name, f"1 {text}")
        sender = self._sender(person, tab)
        self._compare({hearer: [notice] for hearer in self.model.hearers(name, person) - {sender}})
        return name

    async def _follow(self, tab: str, name: str) -> Any:
        access = self.model.live_access(self.model.tabs[tab].person, name)
        editor = self.driver.editor(tab, name)
        answer = await editor.sync()
        assert answer.get("access") == access, answer
        if access is not None:
            self.model.tabs[tab].live[name] = access
            self.model.documents[name].is_live = True
            assert editor.text == self.model.documents[name].text
        return editor

    async def _type(self, tab: str, name: str, text: str) -> bool:
        editor = await self._follow(tab, name)
        change = editor.edit(text) if "code" in editor.data else editor.changed(_plant)
        return bool((await editor.send(change))["ok"])


def _put(permissions: dict[str, Kind], subject: str, kind: Kind | None) -> None:
    if kind is None:
        permissions.pop(subject, None)
    else:
        permissions[subject] = kind


def _add(told: Told, more: Told) -> None:
    for tab, notices in more.items():
        told.setdefault(tab, []).extend(notices)


def _with_merged(heard: list[Notice], expected: list[Notice]) -> list[Notice]:
    """Count live edits that came together, as those of one moment do, as often as they were made."""
    merged = [
        notice
        for notice in sorted({*expected} & {*heard})
        if notice[0] == DOCUMENT_UPDATE
        for _ in range(expected.count(notice) - heard.count(notice))
    ]
    return sorted([*heard, *merged])


def _plant(data: pycrdt.Map[Any]) -> None:
    data["code"] = pycrdt.Text("planted")


Serve = Callable[[Path], AbstractAsyncContextManager[RunningHub]]
"""Runs a hub of one example, in a folder of its own."""


def check_school(tmp_path: Path, cast_of_school: Cast, serve: Serve, profile: hypothesis_settings) -> None:
    """Let random schools be at hubs, one after the other; what they hear and see is compared with the model."""
    numbers = itertools.count()

    async def open_driver(stack: AsyncExitStack) -> Driver:
        directory = tmp_path / str(next(numbers))
        directory.mkdir()
        driver = Driver(await stack.enter_async_context(serve(directory)), cast_of_school)
        stack.push_async_callback(driver.close)
        await driver.prepare()
        return driver

    with asyncio.Runner() as a_runner:

        class SchoolHere(School):
            runner = a_runner

        SchoolHere.open_driver = staticmethod(open_driver)  # no method of an instance
        SchoolHere.TestCase.settings = profile
        run_state_machine_as_test(SchoolHere, settings=profile)


@pytest.mark.timeout(300)
def test_a_school_hears_and_sees_what_it_may(
    tmp_path: Path, a_seeded_file: tuple[Path, Cast], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever happens in whatever order, the audience is exact, the order is kept, and nothing hidden is shown."""
    # Live edits are written back when the test says so, not meanwhile.
    monkeypatch.setattr(write_back, "MATERIALIZE_SECONDS", 3_600)
    file, cast_of_school = a_seeded_file

    def serve(directory: Path) -> AbstractAsyncContextManager[RunningHub]:
        shutil.copy(file, directory / "hub.db")
        return serving(Settings(data_dir=directory, port=0, secret=SECRET))

    check_school(tmp_path, cast_of_school, serve, PROFILE)
