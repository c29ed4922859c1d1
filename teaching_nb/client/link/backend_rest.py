"""REST calls to the school's existing backend: the calls of ours that it lacks, made of those that it has.

It has no revisions, refuses no write, and tells a writer nothing. A save therefore reads the document before and
after; `sync/blind_writes.py` says what becomes of what two people wrote between these.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

import msgspec

from teaching_nb.client.link.address import Address
from teaching_nb.client.link.backend_main import MainDocuments
from teaching_nb.client.link.backend_records import SHARED_LIST, group_of, user_of
from teaching_nb.client.link.rest import Answer, BlindWrite, DocumentAccess, Rest, Seen, answer_as, made_of
from teaching_nb.client.link.script_versions import (
    CODE_TYPES,
    VERSION,
    ListedVersions,
    VersionWriter,
    code_in,
    version_data,
    version_of,
)
from teaching_nb.errors import Conflict, Forbidden, InternalError, NotFound, Stale
from teaching_nb.schema import wire
from teaching_nb.schema.access import Access, is_writable, kind
from teaching_nb.schema.hub_kinds import NEVER_OFFERED, NOT_OFFERED, is_only_ours
from teaching_nb.schema.records import (
    Document,
    OpenedDocument,
    RootLoad,
    RootMeta,
    StudentGroup,
    User,
    Version,
    VersionContent,
)
from teaching_nb.schema.removal import OTHERS_BELOW, takes_of_others

NOT_ADDED = "you may not add anything here"
NOT_DELETED = "the school's backend deletes nothing that staff have written for a student: say there what counts now"
NO_VERSIONS = "the school's backend keeps versions of code alone: the history of other texts needs a hub of teaching_nb"
NO_TYPE = "-"
"""A type that no document has."""
SOMEBODY = "somebody"
"""Who wrote what nobody has signed."""


class BackendRest(Rest):
    """The same calls, for a hub that is not one of ours."""

    clears_roots: ClassVar[bool] = False

    def __init__(
        self, address: Address, sender: Callable[[], str | None], tell_author: Callable[[str, str], None]
    ) -> None:
        super().__init__(address, sender)
        self._tell_author = tell_author
        """Takes a student and a root, below which staff have written something in the student's name."""
        self._me: User | None = None
        self._looked_after: dict[str, tuple[str, str]] = {}
        """Document → its author and root, of those that were found in somebody else's list."""
        self._names: dict[str, str] = {}
        """User id → name, of whom the caller may know."""
        self._roles: dict[str, str] = {}
        self._writer = VersionWriter(self._create_version)
        self._listed = ListedVersions()
        self._mains = MainDocuments(self._request, self.root, self.permit_user, self._roles_of)
        self._may_add: dict[str, bool] = {}
        """Root → whether the caller may have versions made of somebody else's texts below it."""

    async def close(self) -> None:
        """Close the connections, when the versions of what was saved are made."""
        await self._writer.done()
        await super().close()

    async def features(self) -> list[str]:
        """Return nothing: it has no more than the existing protocol."""
        return []

    async def user(self) -> User:
        """Return the caller's own record."""
        self._me = made_of((await self._request("GET", "/user")).body, user_of)
        self._roles[self._me.id] = self._me.role
        return self._me

    async def users(self) -> list[User]:
        """Return the people whom the caller may know of."""
        answer = await self._request("GET", "/users")
        people = made_of(answer.body, lambda people: [user_of(each) for each in wire.convert(people, list[Any])])
        self._names |= {each.id: each.name or each.email for each in people}
        self._roles |= {each.id: each.role for each in people}
        return people

    async def groups(self) -> list[StudentGroup]:
        """Return the caller's groups."""
        answer = await self._request("GET", "/studentGroups")
        return made_of(answer.body, lambda groups: [group_of(each) for each in wire.convert(groups, list[Any])])

    async def document(self, document_id: str) -> DocumentAccess | None:
        """Return a document and what the caller may do with it.

        The backend shows a student's document to their teacher only in the list of its root as the student sees it.
        """
        found, owner = await super().document(document_id), self._looked_after.get(document_id)
        if found is not None or owner is None:
            return found
        root = await self.root_of_user(*owner)
        listed = next((each for each in root.documents if each.id == document_id), None) if root else None
        return None if listed is None else DocumentAccess(document=listed, highest_permission="RO_User")

    async def root_of_user(self, user_id: str, root_id: str) -> RootLoad | None:
        """Return a root as another user sees it."""
        root = await super().root_of_user(user_id, root_id)
        if root is not None:
            self._looked_after |= {each.id: (user_id, root_id) for each in root.documents if each.author_id == user_id}
        return root

    async def roots_of_user(self, user_id: str, root_ids: Sequence[str]) -> list[RootLoad]:
        """Return roots as a user sees them; the version of 2025 has another call for it."""
        try:
            return await super().roots_of_user(user_id, root_ids)
        except (NotFound, Forbidden):
            query = urlencode([("ids", root_id) for root_id in root_ids])
            answer = await self._request("GET", f"/users/{user_id}/documentRoots?{query}")
            return answer_as(answer.body, list[RootLoad])

    async def permissions(self, root_id: str) -> RootMeta | None:
        """Return a root with its permissions; where the version of the backend does not list them, with one's own."""
        with contextlib.suppress(NotFound, Forbidden, InternalError):
            return await super().permissions(root_id)
        return await self.root(root_id)

    async def main_document(self, wanted: Mapping[str, Any], *, is_again: bool = False) -> OpenedDocument:
        """Return the main document that `wanted` describes, with its root, created where it is missing.

        Whoever only asks again how it is does not have it shared once more as they wanted.
        """
        return await self._mains.opened({**wanted, "root": {}} if is_again else wanted, self._me or await self.user())

    async def create_document(self, wanted: Mapping[str, Any]) -> Document:
        """Create a document of the caller's; what would be refused is not asked for, for it would be kept."""
        if not is_writable(await self._permission_below(str(wanted["documentRootId"]))):
            raise Forbidden(NOT_ADDED)
        return await super().create_document(wanted)

    async def create_document_for(self, wanted: Mapping[str, Any]) -> Document:
        """Create the only document of its type that staff write for a student."""
        return self._written_for_author(await super().create_document_for(wanted))

    async def create_on_behalf(self, wanted: Mapping[str, Any]) -> Document:
        """Create one of several documents that staff write for a student."""
        return self._written_for_author(await super().create_on_behalf(wanted))

    def _written_for_author(self, made: Document) -> Document:
        self._looked_after[made.id] = (made.author_id, made.document_root_id)
        self._tell_author(made.author_id, made.document_root_id)
        return made

    async def delete_document(
        self, document_id: str, below: int | None = None, *, on_behalf_of_author: bool = False
    ) -> None:
        """Delete a document of the caller's; nobody else's can be, and nobody here does so on somebody's behalf."""
        if on_behalf_of_author:
            raise Forbidden(NOT_DELETED)
        me, (removed, others) = self._me or await self.user(), await self._with_below(document_id)
        if below is not None and len(others) != below:
            raise Conflict("something else is below it by now")
        if not me.is_staff and takes_of_others(removed, others, me.id):
            raise Forbidden(OTHERS_BELOW)
        await super().delete_document(document_id)

    async def create_root(self, root_id: str, settings: Mapping[str, Any]) -> RootMeta:
        """Create a root, or have the one that is there as it is wanted: which of them staff made is not known here."""
        body = {key: settings[key] for key in ("access", "sharedAccess")}
        if await self.root(root_id) is None:
            with contextlib.suppress(InternalError):
                # So it answers to an id that is taken: somebody else was first.
                await self._request("POST", f"/documentRoots/{root_id}", body)
                return await self._mains.existing_root(root_id)
        await self._request("PUT", f"/documentRoots/{root_id}", body)
        return await self._mains.existing_root(root_id)

    async def share_list(self, root_id: str) -> None:
        """Share a list as its website does: for writing, while everybody may only read what is theirs below it.

        Others' documents are seen with the lower of both; so only who has a permission by name writes the list.
        """
        await self._request("PUT", f"/documentRoots/{root_id}", SHARED_LIST)

    async def save(self, document_id: str, data: Any, seen: Seen, *, on_behalf_of_author: bool = False) -> Answer:
        """Replace the data of a document; refused with `Stale` when somebody has been seen to write meanwhile."""
        with self._writer.saving(document_id) as is_pasted:
            before = await self._replace(document_id, data, seen, on_behalf_of_author=on_behalf_of_author)
        code = code_in(data) if before.type in CODE_TYPES and not on_behalf_of_author else None
        if code is not None and code != code_in(seen.data):
            self._writer.saved(before, code, is_pasted=is_pasted)
        if on_behalf_of_author:
            self._tell_author(before.author_id, before.document_root_id)
        after = await self._present(document_id)
        return Answer(body=None, revision=None, updated_at=after.updated_at, blind=BlindWrite(before, after))

    async def _replace(self, document_id: str, data: Any, seen: Seen, *, on_behalf_of_author: bool) -> Document:
        """Replace the data of a document, as `save` does; returns what it was before."""
        before = await self._present(document_id)
        is_newer = wire.parse_timestamp(before.updated_at) > seen.updated_at
        if is_newer and before.data != seen.data:
            raise Stale("somebody else has written meanwhile", document=wire.to_plain(before))
        path = f"/documents/{document_id}" + ("?onBehalfOf=true" if on_behalf_of_author else "")
        await self._request("PUT", path, {"data": data})
        return before

    def note_paste(self, document_id: str) -> None:
        """Have the version of what is saved next say that something was pasted."""
        self._writer.note_paste(document_id)

    def keeps_versions(self, type_name: str) -> bool:
        """Tell whether there is a history of documents of a type."""
        return type_name in CODE_TYPES

    async def versions(self, document_id: str) -> list[Version]:
        """Return the versions of code, newest first; the first one is the present state, whether it is one or not."""
        await self._writer.done(document_id)
        root, text = await self._with_root(document_id)
        listed = self._listed.take(text, root.documents)
        if any(holder.author_id not in self._names for _, holder in listed):
            await self.users()
        return [self._version(number, holder, root) for number, holder in listed]

    async def version(self, document_id: str, number: int) -> VersionContent:
        """Return one version with its content."""
        if self._listed.holder(document_id, number) is None:
            await self.versions(document_id)
        holder_id = self._listed.holder(document_id, number)
        found = await self.document(holder_id) if holder_id is not None else None
        if found is None:
            raise NotFound(f"version {number} of the document is not kept")
        holder = found.document
        said = version_of(number, holder, self._names.get(holder.author_id, SOMEBODY))
        return VersionContent(data=holder.data, **msgspec.structs.asdict(said))

    async def keep_version(self, document_id: str) -> None:
        """Have the present state among the versions; raises what keeps it from there."""
        await self._writer.done(document_id)
        root, text = await self._with_root(document_id)
        (_, newest), *_ = self._listed.take(text, root.documents)
        if newest.id == text.id:
            await self._create_version(text, version_data(code_in(text.data) or ""))

    def _version(self, number: int, holder: Document, root: RootLoad) -> Version:
        is_signed = holder.type == VERSION or kind(root.shared_access) == "None"
        return version_of(number, holder, self._names.get(holder.author_id, SOMEBODY) if is_signed else SOMEBODY)

    async def _with_root(self, document_id: str) -> tuple[RootLoad, Document]:
        """Return a text that has versions, with the root that they lie below."""
        text = await self._present(document_id)
        if text.type not in CODE_TYPES:
            raise NotFound(NO_VERSIONS)
        owner = self._looked_after.get(document_id)
        root = await (self.root_of_user(*owner) if owner else self.root(text.document_root_id))
        if root is None:
            raise NotFound("document not found")
        return root, text

    async def _create_version(self, text: Document, data: dict[str, Any]) -> None:
        """Create a version; whoever may not add anything does not ask, for what is refused would be kept."""
        if not await self._may_add_beside(text):
            return
        wanted = {
            "type": VERSION,
            "documentRootId": text.document_root_id,
            "parentId": text.id,
            "data": data,
        }
        try:
            # Without a sender it comes back as an event, to whoever lists these documents in this kernel, too.
            await self._request("POST", "/documents", wanted, is_told_to_sender=True)
        except Forbidden:
            self._may_add[text.document_root_id] = False
            raise

    async def _may_add_beside(self, text: Document) -> bool:
        """Tell whether the own permission is for writing: of somebody else's text the backend says another one."""
        me, root_id = self._me or await self.user(), text.document_root_id
        if text.author_id != me.id and root_id not in self._may_add:
            self._may_add[root_id] = is_writable(await self._permission_below(root_id))
        return self._may_add.get(root_id, True)

    async def _permission_below(self, root_id: str) -> Access:
        """Return what the caller may do with own documents below a root; of these themselves nothing is asked for."""
        me = self._me or await self.user()
        wanted = {"documentRootIds": [root_id], "ignoreMissingRoots": False, "type": NO_TYPE}
        try:
            answer = await self._request("POST", f"/users/{me.id}/documentRoots", wanted)
        except (NotFound, Forbidden):
            answer = await self._request("GET", f"/users/{me.id}/documentRoots?ids={root_id}&type={NO_TYPE}")
        loads: list[RootLoad] = answer_as(answer.body, list[RootLoad])
        if not loads:
            raise NotFound("document root not found")
        return loads[0].own_permission()

    async def _roles_of(self, user_ids: Iterable[str]) -> Mapping[str, str]:
        """Return what is known of people, asked for anew where one of them is not."""
        if any(user_id not in self._roles for user_id in user_ids):
            await self.users()
        return self._roles

    async def _with_below(self, document_id: str) -> tuple[Document, list[Document]]:
        """Return a document and what lies below it, at all levels."""
        present = await self._present(document_id)
        root = await self.root(present.document_root_id)
        found, level = dict[str, Document](), {document_id}
        while level:
            under = [each for each in (root.documents if root else ()) if each.parent_id in level]
            level = {each.id for each in under} - found.keys()
            found |= {each.id: each for each in under}
        return present, list(found.values())

    async def _request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        is_told_to_sender: bool = False,
    ) -> Answer:
        if is_only_ours(path):
            raise NotFound(NOT_OFFERED, code=NEVER_OFFERED)
        return await super()._request(method, path, body, headers, is_told_to_sender=is_told_to_sender)

    async def _present(self, document_id: str) -> Document:
        found = await self.document(document_id)
        if found is None:
            raise NotFound("document not found")
        return found.document
