"""Every route of REST and every socket event, with what it must answer to somebody whom it does not concern.

A route or an event that has no line here fails `test_doors`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Door:
    """One route as a student of another class meets it."""

    status: int
    """What is answered when the ids are those of things that are not theirs."""
    body: Any = None
    unknown: int | None = None
    """What is answered when nothing has these ids, if that may differ; None: exactly the same."""


ROOT = {"access": "RW_DocumentRoot", "sharedAccess": "RW_DocumentRoot"}
GRANT = {"access": "RW_User", "documentRootId": "{root_id}"}

ROUTES: dict[str, Door] = {
    "GET /api/v1/user": Door(200),
    "GET /api/v1/users": Door(200),
    "GET /api/v1/users/{user_id}": Door(200),
    "PUT /api/v1/users/{user_id}": Door(403, {"data": {"firstName": "x"}}),
    "GET /api/v1/users/{user_id}/documents": Door(403),
    "GET /api/v1/studentGroups": Door(200),
    "POST /api/v1/studentGroups": Door(403, {"name": "x"}),
    "GET /api/v1/studentGroups/{group_id}": Door(200),
    "PUT /api/v1/studentGroups/{group_id}": Door(403, {"data": {"name": "x"}}),
    "DELETE /api/v1/studentGroups/{group_id}": Door(403),
    "POST /api/v1/studentGroups/{group_id}/members/{user_id}": Door(403),
    "DELETE /api/v1/studentGroups/{group_id}/members/{user_id}": Door(403),
    "POST /api/v1/studentGroups/{group_id}/admins/{user_id}": Door(403, {"isAdmin": True}),
    "POST /api/v1/permissions/user": Door(403, {**GRANT, "userId": "{user_id}"}),
    "PUT /api/v1/permissions/user/{permission_id}": Door(403, {"access": "RW_User"}),
    "DELETE /api/v1/permissions/user/{permission_id}": Door(403),
    "POST /api/v1/permissions/group": Door(403, {**GRANT, "groupId": "{group_id}"}),
    "PUT /api/v1/permissions/group/{permission_id}": Door(403, {"access": "RW_StudentGroup"}),
    "DELETE /api/v1/permissions/group/{permission_id}": Door(403),
    # As in the existing system everybody may ask what they may do in a root, which they know by its id.
    "GET /api/v1/documentRoots/{root_id}": Door(200, unknown=200),
    # A new root is anybody's to make, so an id that is taken cannot be answered like one that is free.
    "POST /api/v1/documentRoots/{root_id}": Door(409, ROOT, unknown=200),
    "PUT /api/v1/documentRoots/{root_id}": Door(403, ROOT),
    "DELETE /api/v1/documentRoots/{root_id}": Door(403),
    "GET /api/v1/documentRoots": Door(200),
    "GET /api/v1/rootNames": Door(200),
    "GET /api/v1/users/{user_id}/documentRoots": Door(403),
    "POST /api/v1/users/{user_id}/documentRoots": Door(403, {"documentRootIds": ["{root_id}"]}),
    "GET /api/v1/documentRoots/{root_id}/permissions": Door(403),
    "GET /api/v1/documentRoots/{root_id}/assessments": Door(403),
    "POST /api/v1/documentRoots/permissions": Door(403, {"documentRootIds": ["{root_id}"]}),
    "GET /api/v1/documents": Door(403),
    "POST /api/v1/documents": Door(403, {"documentRootId": "{root_id}", "type": "code", "data": {}}, unknown=404),
    "POST /api/v1/documents/main": Door(403, {"documentRootId": "{root_id}", "type": "code", "data": {}}, unknown=404),
    "GET /api/v1/documents/{document_id}": Door(200),
    "PUT /api/v1/documents/{document_id}": Door(404, {"data": {}}),
    "DELETE /api/v1/documents/{document_id}": Door(404),
    "PUT /api/v1/documents/{document_id}/linkTo/{parent_id}": Door(404),
    "POST /api/v1/documents/multiple": Door(403, {"documentRootIds": ["{root_id}"]}),
    "GET /api/v1/documents/{document_id}/assessment": Door(404),
    "PUT /api/v1/documents/{document_id}/assessment": Door(404, {"isAssessed": True}),
    "GET /api/v1/documents/{document_id}/versions": Door(404),
    "GET /api/v1/documents/{document_id}/versions/{number}": Door(404),
    "POST /api/v1/documents/{document_id}/versions/{number}/restore": Door(404),
    "GET /api/v1/admin/allowedActions": Door(403),
    "POST /api/v1/admin/allowedActions": Door(403, {"documentType": "code", "action": "update@parent_id"}),
    "DELETE /api/v1/admin/allowedActions/{action_id}": Door(403),
    "POST /api/v1/admin/users/{user_id}/linkUserPassword": Door(403, {"pw": "long enough 1"}),
    "POST /api/v1/admin/users/{user_id}/revokeUserPassword": Door(403),
    "POST /api/v1/admin/export": Door(403, {}),
    "GET /api/v1/cms/settings": Door(200),
    "PUT /api/v1/cms/settings": Door(204, {"data": {}}),
    "GET /api/v1/cms/github-token": Door(404),
    "POST /api/v1/cms/logout": Door(204),
    "POST /api/v1/sync": Door(200, {"roots": [{"id": "{root_id}"}]}, unknown=200),
    "GET /api/auth/one-time-token/generate": Door(200),
    "POST /api/auth/admin/create-user": Door(403, {"email": "x@school.test", "name": "x"}),
    "POST /api/auth/admin/update-user": Door(403, {"userId": "{user_id}", "data": {"name": "x"}}),
    "POST /api/auth/admin/set-role": Door(403, {"userId": "{user_id}", "role": "student"}),
    "POST /api/auth/admin/set-user-password": Door(403, {"userId": "{user_id}", "newPassword": "long enough 1"}),
    "POST /api/auth/admin/ban-user": Door(403, {"userId": "{user_id}"}),
    "POST /api/auth/admin/unban-user": Door(403, {"userId": "{user_id}"}),
    "POST /api/auth/admin/revoke-user-sessions": Door(403, {"userId": "{user_id}"}),
    "POST /api/auth/admin/remove-user": Door(403, {"userId": "{user_id}"}),
}

FOR_EVERYBODY = {
    "GET /api/v1": None,
    "GET /api/v1/health": None,
    "GET /api/v1/openapi.json": None,
    "POST /api/auth/sign-in/email": {"email": "nobody@school.test", "password": "long enough 1"},
    "POST /api/auth/sign-in/social": {},
    "POST /api/auth/sign-up/email": {},
    "POST /api/auth/sign-out": {},
    "GET /api/auth/get-session": None,
    "POST /api/auth/one-time-token/verify": {"token": "x"},
}
"""What serves strangers too, with a body that gives them nothing."""

EVENTS: dict[str, tuple[Any, Any]] = {
    "JOIN_ROOM": ("{any_id}", False),
    "LEAVE_ROOM": ("{foreign_id}", False),
    "ACTION": ({"action": {"type": "x"}, "roomIds": ["{any_id}"], "userIds": ["{any_id}"]}, False),
    "STREAM_UPDATE": ({"roomId": "{any_id}", "id": "{document_id}", "data": "forged"}, None),
    "SYNC_DOCUMENT": ({"id": "{any_id}", "stateVector": b"\0"}, 404),
    "UPDATE_DOCUMENT": ({"id": "{any_id}", "update": b"\0\0"}, 404),
    "LEAVE_DOCUMENT": ({"id": "{any_id}"}, True),
    "AWARENESS": ({"id": "{any_id}", "state": b"\0"}, None),
    # Everybody may ask; what they then hear is what they may know (`hub/delivery/test_presence`).
    "FOLLOW_PRESENCE": ({"on": True}, True),
    "FOLLOW_DOCUMENTS": ({"userId": "{any_id}", "on": True}, False),
}
"""Event → payload, and what a student is answered who has nothing to do with these ids: a status for live text."""
