"""Opening main documents at the existing backend, which has no call for it: found below their root, or made.

Below a root that is shared each person may have documents of their own, and none is marked as everybody's. The text
of a class is the oldest one, whoever came first. A hand-out is the oldest of staff, for students may have been there
before.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from teaching_nb.client.link.backend_records import is_shared_list
from teaching_nb.client.link.rest import NOT_OPENED, Answer
from teaching_nb.errors import Forbidden, InternalError, NotFound
from teaching_nb.schema import wire
from teaching_nb.schema.access import Access, is_writable, kind
from teaching_nb.schema.hub_kinds import NEVER_OFFERED
from teaching_nb.schema.records import STAFF, Document, OpenedDocument, RootLoad, Sharing, User

WITHHELD = "the school's backend cannot withhold a document, everybody could read it: use a hub of teaching_nb for this"
NOT_OPENED_YET = "your teacher has not opened this yet"
NOT_YOURS = "you may not write here, and nobody has written anything that you may read"


@dataclass(frozen=True, slots=True)
class MainDocuments:
    """The main documents of one person."""

    request: Callable[..., Awaitable[Answer]]
    root: Callable[[str], Awaitable[RootLoad | None]]
    permit_user: Callable[[str, str, Access], Awaitable[None]]
    roles_of: Callable[[Iterable[str]], Awaitable[Mapping[str, str]]]
    """Returns user id → role, of whom the person may know."""

    async def opened(self, wanted: Mapping[str, Any], me: User) -> OpenedDocument:
        """Return the document that `wanted` describes, with its root, created where it is missing.

        Two who come at once both make one, and then both take the older.
        """
        settings: dict[str, Any] = wanted.get("root", {})
        if settings.get("access") == "None_DocumentRoot":
            raise Forbidden(WITHHELD, code=NEVER_OFFERED)
        root = await self._root(wanted, me)
        found = await self._below(root, wanted, me)
        if found is None:
            refusal = await self._create(root, wanted, me)
            root = await self.existing_root(root.id)
            found = await self._below(root, wanted, me)
            if found is None:
                raise refusal or InternalError("the school's backend does not show what it has just created")
        sharing = Sharing(shared_access=root.shared_access, is_confirmed=True, is_elsewhere=False)
        return OpenedDocument(**msgspec.structs.asdict(found), sharing=sharing)

    async def existing_root(self, root_id: str) -> RootLoad:
        """Return a root that was made, or found to be there already."""
        root = await self.root(root_id)
        if root is None:
            raise InternalError("the school's backend could not make the document root")
        return root

    async def _root(self, wanted: Mapping[str, Any], me: User) -> RootLoad:
        """Return the root of a document, made or, for elevated people, shared as they want it."""
        root_id, settings = str(wanted["documentRootId"]), wanted.get("root", {})
        shared: Access | None = settings.get("sharedAccess")
        root = await self.root(root_id)
        if root is None:
            body = {"access": "RW_DocumentRoot", "sharedAccess": shared or "None_DocumentRoot"}
            try:
                await self.request("POST", f"/documentRoots/{root_id}", body)
            except InternalError:
                # Somebody else was first: it answers so to an id that is taken.
                return await self.existing_root(root_id)
            return await self.existing_root(root_id)
        # Below the root of a shared name nobody has a text of their own that this would open.
        is_shared_so = shared == root.shared_access or (shared == "RO_DocumentRoot" and is_shared_list(root))
        if shared and not is_shared_so and "ownRootId" in wanted and me.is_staff:
            handed_out = await self._below(root, wanted, me) if is_hand_out(root) else None
            # Without `access` that would be reset.
            await self.request("PUT", f"/documentRoots/{root_id}", {"access": root.access, "sharedAccess": shared})
            root = await self.existing_root(root_id)
            await self._hand_back(handed_out, await self._below(root, wanted, me))
            return await self.existing_root(root_id)
        return root

    async def _below(self, root: RootLoad, wanted: Mapping[str, Any], me: User) -> Document | None:
        """Return the document that a call means; None where it is still to be made."""
        mains = mains_of(root, wanted)
        if not wanted.get("shared"):
            return next((each for each in mains if each.author_id == me.id), None)
        if not is_hand_out(root):
            return next(iter(mains), None)
        return hand_out_among(mains, await self.roles_of({each.author_id for each in mains}))

    async def _hand_back(self, handed_out: Document | None, text: Document | None) -> None:
        """Have what a hand-out was made into in the text that everybody writes again, unless that was changed since."""
        if handed_out is None or text is None or text.id == handed_out.id:
            return
        if wire.parse_timestamp(text.updated_at) < wire.parse_timestamp(handed_out.created_at):
            await self.request("PUT", f"/documents/{text.id}", {"data": handed_out.data})

    async def _create(self, root: RootLoad, wanted: Mapping[str, Any], me: User) -> Forbidden | None:
        """Create the main document; asked for what it refuses, the backend would keep it all the same.

        Returns the refusal when it says no: mostly another tab was faster, and older versions do not say why.
        """
        if wanted.get("shared") and kind(root.shared_access) != "RW" and not me.is_staff:
            raise NotFound(NOT_OPENED_YET, code=NOT_OPENED)
        if not is_writable(root.own_permission()):
            if not me.is_staff:
                raise Forbidden(NOT_YOURS)
            await self.permit_user(root.id, me.id, "RW_User")
        # What others have begun under this name is handed out: a class has written it, or somebody was too early.
        begun = mains_of(root, wanted) if wanted.get("shared") else []
        data = begun[0].data if begun else wanted["data"]
        body = {"type": wanted["type"], "documentRootId": wanted["documentRootId"], "data": data}
        try:
            await self.request("POST", "/documents?uniqueMain=true", body)
        except Forbidden as error:
            return error
        return None


def is_hand_out(root: RootLoad) -> bool:
    """Tell whether everybody reads what staff write below a root."""
    return kind(root.shared_access) == "RO"


def mains_of(root: RootLoad, wanted: Mapping[str, Any]) -> list[Document]:
    """Return what there is of the wanted type below a root, at the top, whoever's it is; the oldest first."""
    found = [each for each in root.documents if each.type == wanted["type"] and each.parent_id is None]
    return sorted(found, key=lambda each: (wire.parse_timestamp(each.created_at), each.id))


def hand_out_among(mains: Iterable[Document], roles: Mapping[str, str]) -> Document | None:
    """Return the oldest document of staff; `roles` are of the people whom the caller may know of.

    A teacher of another class is not known to students, and counts where nobody of their own staff has written.
    """
    mains = list(mains)
    of_staff = (each for each in mains if roles.get(each.author_id) in STAFF)
    of_strangers = (each for each in mains if each.author_id not in roles)
    return next(of_staff, None) or next(of_strangers, None)
