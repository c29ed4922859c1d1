"""REST of document roots: as somebody sees them, their access values, and the permissions on them."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from teaching_nb.errors import Forbidden
from teaching_nb.hub.documents import lists as document_lists
from teaching_nb.hub.documents import personal as personal_documents
from teaching_nb.hub.documents import root_loads
from teaching_nb.hub.documents import roots as document_roots
from teaching_nb.hub.documents.roots import NewRoot, RootSettings
from teaching_nb.hub.rest.requests import HubRequest, commit, read, read_fresh, uuids
from teaching_nb.hub.rest.routes import Answer, Route
from teaching_nb.schema.access import Access
from teaching_nb.schema.records import RootLoad, RootMeta, RootName

OPENED_AUTHORS = "x-opened-authors"
"""Header: how many people's own documents others can see, or change, since this request."""

PERSONAL_AUTHORS = "x-personal-authors"
"""Header: how many other people have documents of their own below a root."""


class ListedRoots(msgspec.Struct, frozen=True, kw_only=True):
    """Which roots the caller wants to see."""

    ids: list[str] = []


class ListedRootsOfUser(ListedRoots, frozen=True, kw_only=True, rename="camel"):
    """Which roots are shown as another user sees them, and what of them."""

    type: str = ""
    ignore_missing_roots: str = ""
    """Anything but nothing, `0` and `false` means yes."""


class WantedRoots(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which roots are shown, as a body: they may be more than fit into a query."""

    document_root_ids: list[str]
    ignore_missing_roots: bool = False
    type: str | None = None


class WantedPermissions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The roots whose permissions are asked for."""

    document_root_ids: list[str]


class RemovedUserPermission(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A permission of a user on a root that is gone."""

    access: Access
    user_id: str


class RemovedGroupPermission(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A permission of a group on a root that is gone."""

    access: Access
    student_group_id: str


class RemovedRoot(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A root that has been deleted, as it was stored, with its raw lists of permissions."""

    id: str
    access: Access
    shared_access: Access
    root_group_permissions: list[RemovedGroupPermission]
    root_user_permissions: list[RemovedUserPermission]


async def get_root(request: HubRequest, root_id: str) -> RootLoad | None:
    """Return a root as the caller sees it."""
    found = await _load(request, request.user.user_id, [root_id])
    return found[0] if found else None


async def list_roots(request: HubRequest, query: ListedRoots) -> list[RootLoad]:
    """Return several roots as the caller sees them."""
    return await _load(request, request.user.user_id, _named(query))


async def list_roots_of_user(request: HubRequest, user_id: str, query: ListedRootsOfUser) -> list[RootLoad]:
    """Return several roots as a user sees them."""
    return await _load(
        request,
        _own_or_elevated(request, user_id),
        _named(query),
        document_type=query.type or None,
        skip_missing=query.ignore_missing_roots not in {"", "0", "false"},
    )


async def load_roots_of_user(request: HubRequest, user_id: str, body: WantedRoots) -> list[RootLoad]:
    """Return several roots as a user sees them."""
    return await _load(
        request,
        _own_or_elevated(request, user_id),
        body.document_root_ids,
        document_type=body.type,
        skip_missing=body.ignore_missing_roots,
    )


async def create_root(request: HubRequest, root_id: str, body: NewRoot | None = None) -> RootMeta:
    """Create a root, or take over a provisional one."""
    wanted = body or NewRoot()
    uuids([entry.user_id for entry in wanted.user_permissions], "userId")
    uuids([entry.group_id for entry in wanted.group_permissions], "groupId")
    staff = request.hub.settings.admin_group_id
    return await commit(
        request, lambda tx: document_roots.create(tx, request.user, root_id, wanted, staff_group_id=staff)
    )


async def change_root(request: HubRequest, root_id: str, body: RootSettings) -> Answer[None]:
    """Change the access values of a root; a header says how many people's own documents that has opened."""
    opened = await commit(request, lambda tx: document_roots.change(tx, request.user, root_id, body))
    return Answer(None, {OPENED_AUTHORS: str(opened)})


async def remove_root(request: HubRequest, root_id: str) -> RemovedRoot:
    """Delete a root with everything below it."""
    return _removed(await commit(request, lambda tx: document_roots.remove(tx, request.user, root_id)))


async def get_permissions(request: HubRequest, root_id: str) -> Answer[RootMeta]:
    """Return the permissions on a root that the caller governs.

    A header says how many other people have documents of their own there, for whoever thinks of sharing the root.
    """

    def job(tx: Connection) -> tuple[list[RootMeta], int]:
        found = document_roots.visible_permissions(tx, request.user, [root_id])
        return found, personal_documents.count_authors(tx, root_id, except_id=request.user.user_id)

    found, authors = await read(request, job)
    return Answer(found[0] if found else _unknown(root_id), {PERSONAL_AUTHORS: str(authors)})


async def list_permissions(request: HubRequest, body: WantedPermissions) -> list[RootMeta]:
    """Return the permissions on several roots that the caller governs."""
    root_ids = uuids(body.document_root_ids, "documentRootIds")
    return await read(request, lambda tx: document_roots.visible_permissions(tx, request.user, root_ids))


async def list_names(request: HubRequest) -> list[RootName]:
    """Return the slugs of the roots below which the caller may read something."""
    return await read(request, lambda tx: document_lists.root_names(tx, request.user))


async def _load(
    request: HubRequest,
    user_id: str,
    ids: list[str],
    *,
    document_type: str | None = None,
    skip_missing: bool = False,
) -> list[RootLoad]:
    root_ids = uuids(ids, "document root id")
    if not root_ids:
        return []
    return await read_fresh(
        request,
        lambda tx: root_loads.load_roots(tx, user_id, root_ids, document_type=document_type, skip_missing=skip_missing),
        root_ids=root_ids,
    )


def _named(query: ListedRoots) -> list[str]:
    """Return the ids of a query; `?ids=` names none."""
    return [value for value in query.ids if value]


def _own_or_elevated(request: HubRequest, user_id: str) -> str:
    if user_id != request.user.user_id and not request.user.is_elevated:
        raise Forbidden("Not Authorized")
    return user_id


def _removed(root: RootMeta) -> RemovedRoot:
    return RemovedRoot(
        id=root.id,
        access=root.access,
        shared_access=root.shared_access,
        root_group_permissions=[
            RemovedGroupPermission(access=entry.access, student_group_id=entry.group_id)
            for entry in root.group_permissions
        ],
        root_user_permissions=[
            RemovedUserPermission(access=entry.access, user_id=entry.user_id) for entry in root.user_permissions
        ],
    )


def _unknown(root_id: str) -> RootMeta:
    return RootMeta(
        id=root_id,
        access="None_DocumentRoot",
        shared_access="None_DocumentRoot",
        user_permissions=[],
        group_permissions=[],
    )


ROUTES = (
    Route("GET", "/documentRoots", list_roots),
    Route("GET", "/rootNames", list_names),
    Route("POST", "/documentRoots/permissions", list_permissions, open_to="elevated"),
    Route("GET", "/documentRoots/{root_id}", get_root),
    Route("POST", "/documentRoots/{root_id}", create_root),
    Route("PUT", "/documentRoots/{root_id}", change_root, 204, open_to="elevated"),
    Route("DELETE", "/documentRoots/{root_id}", remove_root, open_to="elevated"),
    Route("GET", "/documentRoots/{root_id}/permissions", get_permissions, open_to="elevated"),
    Route("GET", "/users/{user_id}/documentRoots", list_roots_of_user),
    Route("POST", "/users/{user_id}/documentRoots", load_roots_of_user),
)
