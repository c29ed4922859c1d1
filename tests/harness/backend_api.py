"""The interface of the existing backend's double below `/api/v1`, without sessions and sockets."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from aiohttp import web

from teaching_nb.schema.access import as_root, is_writable, kind
from tests.harness.backend_records import Json, Pupil, Records

Told = tuple[str, Any, set[str]]
"""An event with its payload, and the rooms that hear of it."""


@dataclass
class Call:
    """One call of the interface."""

    request: web.Request
    parts: list[str]
    body: Any
    caller: Pupil
    told: list[Told]
    """What is told to whom when it is answered."""

    @property
    def is_on_behalf(self) -> bool:
        """Return whether somebody elevated acts for the author of a document."""
        return self.request.query.get("onBehalfOf") == "true" and self.caller.role != "student"


class BackendApi:
    """Answers calls of people who are signed in, and says what is told of it to whom."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.is_broken = False
        """Whether each PUT of a document is answered with 500."""
        self.creates_nothing = False
        """Whether each POST of a document is answered with 500."""
        self.slipping: deque[tuple[str, Pupil, Any, bool]] = deque()
        self.stamps_before_storing = False
        """Whether of two writes that meet the one that is stored first has the later time, as happens there."""
        self.late: list[Told] = []
        """What is told of somebody else's words that slipped in."""

    def answer(
        self, request: web.Request, parts: list[str], body: Any, caller: Pupil, told: list[Told]
    ) -> web.Response:
        """Answer a call."""
        handler = self._handlers.get((request.method, parts[0], len(parts)))
        if handler is None or (self.records.version == "2025" and parts[0] == "users" and request.method == "POST"):
            refusal = {"error": "User does not have the role, method or path"}
            return web.json_response(refusal, status=403)
        answer = handler(self, Call(request, parts, body, caller, told))
        if self.records.version == "2025" and answer.status >= 400:
            # As its framework says it: no word of why.
            return web.Response(status=answer.status, text="<pre>Error</pre>", content_type="text/html")
        return answer

    def _user(self, call: Call) -> web.Response:
        return web.json_response(self.records.user(call.caller))

    def _users(self, _call: Call) -> web.Response:
        return web.json_response([self.records.user(each) for each in self.records.people])

    def _groups(self, _call: Call) -> web.Response:
        return web.json_response([self.records.group()])

    def _root(self, call: Call) -> web.Response:
        return web.json_response(self.records.load(call.caller, call.parts[1]))

    def _roots_of(self, call: Call) -> web.Response:
        if call.parts[1] != call.caller.id and call.caller.role == "student":
            return _refused(403, "FORBIDDEN", "Not Authorized")
        asked = call.body["documentRootIds"] if call.request.method == "POST" else call.request.query.getall("ids")
        person = self.records.person(call.parts[1])
        loads = [load for each in asked if (load := self.records.load(person, each)) is not None]
        wanted = call.body.get("type")
        if wanted is not None:
            for load in loads:
                load["documents"] = [each for each in load["documents"] if each["type"] == wanted]
        return web.json_response(loads)

    def _make_root(self, call: Call) -> web.Response:
        if call.parts[1] in self.records.roots:
            broken = {"name": "PrismaClientKnownRequestError", "message": "Unique constraint failed"}
            return web.json_response({"errors": [broken]}, status=500)
        root = self.records.make_root(call.parts[1], call.body)
        room = "all" if kind(root["sharedAccess"]) != "None" else "admin"
        call.told.append(("NEW_RECORD", {"type": "DocumentRoot", "record": root}, {room, call.caller.id}))
        return web.json_response(root)

    def _change_root(self, call: Call) -> web.Response:
        root = self.records.roots[call.parts[1]]
        root["access"] = as_root(call.body.get("access"))
        root["sharedAccess"] = as_root(call.body.get("sharedAccess", root["sharedAccess"]))
        record = {**root, "userPermissions": [], "groupPermissions": []}
        call.told.append(("CHANGED_RECORD", {"type": "DocumentRoot", "record": record}, {"all"}))
        return web.Response(status=204)

    def _make_document(self, call: Call) -> web.Response:
        body, author = call.body, call.caller
        if self.creates_nothing:
            return web.json_response({"errors": [{"name": "Error", "message": "database"}]}, status=500)
        root = self.records.roots.get(body["documentRootId"])
        if root is None:
            return _refused(404, "NOT FOUND", "Document root not found")
        if call.is_on_behalf and "authorId" in body:
            author = self.records.person(body["authorId"])
        if (refusal := self._parent_refusal(call, body.get("parentId"))) is not None:
            return refusal
        if call.request.query.get("uniqueMain") == "true" and self.records.main(author, root["id"], body["type"]):
            return _refused(403, "FORBIDDEN", "[not unique] Main document already exists for this user")
        document = self.records.make_document(author, body)
        if not call.is_on_behalf and not is_writable(self.records.permission(author, root)):
            # As there: the check comes after the insertion, and what was refused stays.
            return _refused(403, "FORBIDDEN", "Insufficient access permission")
        # In whose name it is made counts for nothing: an author hears as others do.
        rooms = self.records.rooms_of(root["id"], call.caller, of_new=True)
        call.told.append(("NEW_RECORD", {"type": "Document", "record": dict(document)}, rooms))
        return web.json_response(document)

    def _parent_refusal(self, call: Call, parent_id: str | None) -> web.Response | None:
        """Return why nothing is created below a document, before anything is: also staff see it as others do."""
        parent = self.records.documents.get(parent_id or "")
        access = None if parent is None else self.records.access(call.caller, parent)
        if not parent_id:
            return None
        if parent is None or access is None:
            return _refused(404, "NOT FOUND", "Parent document not found")
        is_free = parent["authorId"] == call.caller.id or is_writable(access) or call.caller.role != "student"
        return None if is_free else _refused(403, "FORBIDDEN", "Insufficient access permission")

    def _document(self, call: Call) -> web.Response:
        document = self.records.documents.get(call.parts[1])
        access = None if document is None else self.records.access(call.caller, document)
        if document is None or access is None:
            return web.json_response(None)
        shown = {**document, "data": document["data"] if kind(access) != "None" else None}
        return web.json_response({"document": shown, "highestPermission": access})

    def _save(self, call: Call) -> web.Response:
        if self.is_broken:
            return web.json_response({"errors": [{"name": "Error", "message": "database"}]}, status=500)
        document = self.records.documents.get(call.parts[1])
        access = None if document is None else self.records.access(call.caller, document)
        access = "RW_User" if call.is_on_behalf else access
        if document is None or access is None:
            return _refused(404, "NOT FOUND", "Document not found")
        if not is_writable(access):
            return _refused(403, "FORBIDDEN", "Not authorized")
        first, second = (self.records.now(), self.records.now()) if self.stamps_before_storing else ("", "")
        self._slip(document, second, is_later=False)
        is_first = not any(document_id == document["id"] for document_id, *_ in self.slipping)
        call.told.append(self.change(document, call.caller, call.body["data"], first if is_first else second))
        self._slip(document, first, is_later=True)
        return web.Response(status=204)

    def _slip(self, document: Json, at: str, *, is_later: bool) -> None:
        for slipping in list(self.slipping):
            document_id, writer, data, wanted = slipping
            if (document_id, wanted) == (document["id"], is_later):
                self.slipping.remove(slipping)
                self.late.append(self.change(document, writer, data, at))

    def _delete(self, call: Call) -> web.Response:
        document = self.records.documents.get(call.parts[1])
        access = None if document is None else self.records.access(call.caller, document)
        if document is None or access is None:
            return _refused(404, "NOT FOUND", "Document not found")
        if document["authorId"] != call.caller.id or not is_writable(access):
            # On nobody's behalf, and admins no more than others.
            return _refused(403, "FORBIDDEN", "Not authorized")
        rooms = self.records.rooms_of(document["documentRootId"], call.caller)
        # Of what is below it nothing is told.
        self.records.remove(document["id"])
        call.told.append(("DELETED_RECORD", {"type": "Document", "id": document["id"]}, rooms))
        return web.Response(status=204)

    def _link(self, call: Call) -> web.Response:
        documents = self.records.documents
        document, parent = documents.get(call.parts[1]), documents.get(call.parts[3])
        if document is None or parent is None:
            return _refused(404, "NOT FOUND", "Model not found" if document is None else "Model linking to not found")
        if parent["authorId"] != document["authorId"]:
            return _refused(403, "FORBIDDEN", "Not allowed to relink a model to anothers document")
        document |= {"parentId": parent["id"], "updatedAt": self.records.now()}
        rooms = self.records.rooms_of(document["documentRootId"], call.caller)
        call.told.append(("CHANGED_RECORD", {"type": "Document", "record": dict(document)}, rooms))
        return web.json_response(document)

    def _permit(self, call: Call) -> web.Response:
        made = {"id": secrets.token_hex(8), **call.body}
        self.records.user_permissions.append(made)
        call.told.append(("NEW_RECORD", {"type": "UserPermission", "record": made}, {made["userId"], "admin"}))
        return web.json_response(made)

    def change(self, document: Json, writer: Pupil, data: Any, at: str = "") -> Told:
        """Store data; return what is told of it."""
        change = self.records.write(document, data, at)
        return "CHANGED_DOCUMENT", change, self.records.rooms_of(document["documentRootId"], writer)

    _handlers: ClassVar[dict[tuple[str, str, int], Callable[[BackendApi, Call], web.Response]]] = {
        ("GET", "user", 1): _user,
        ("GET", "users", 1): _users,
        ("GET", "studentGroups", 1): _groups,
        ("GET", "documentRoots", 2): _root,
        ("POST", "documentRoots", 2): _make_root,
        ("PUT", "documentRoots", 2): _change_root,
        ("GET", "users", 3): _roots_of,
        ("POST", "users", 3): _roots_of,
        ("POST", "documents", 1): _make_document,
        ("GET", "documents", 2): _document,
        ("PUT", "documents", 2): _save,
        ("PUT", "documents", 4): _link,
        ("DELETE", "documents", 2): _delete,
        ("POST", "permissions", 2): _permit,
    }


def _refused(status: int, name: str, message: str) -> web.Response:
    error = {"name": name, "message": f"[{status}] {message}", "status": status, "isOperational": True}
    return web.json_response({"errors": [error]}, status=status)
