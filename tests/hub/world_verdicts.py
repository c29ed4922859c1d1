"""How a hub must answer requests about documents: statuses, computed from the model of the stateful tests."""

from __future__ import annotations

from teaching_nb.schema.access import is_readable, is_writable
from tests.hub.world import World


def on_creating(world: World, person: str, root: str, *, parent: str | None, on_behalf_of: str | None) -> int:
    """Return the status of D1."""
    if root not in world.roots:
        return 404
    is_on_behalf = on_behalf_of is not None and world.is_elevated(person)
    if is_on_behalf and not world.looks_after(person, str(on_behalf_of)):
        return 404
    if parent is not None and (refusal := _on_parent(world, person, root, parent)):
        return refusal
    return 200 if is_on_behalf or is_writable(world.own(person, root)) else 403


def on_changing(world: World, person: str, name: str, *, on_behalf: bool) -> int:
    """Return the status of D3."""
    if name not in world.documents:
        return 404
    author = world.documents[name].author
    if on_behalf and world.is_elevated(person):
        return 204 if world.looks_after(person, author) else 404
    access = world.effective(person, name)
    if is_writable(access):
        return 204
    return 403 if is_readable(access) or person == author else 404


def on_linking(world: World, person: str, name: str, parent: str) -> int:
    """Return the status of D4, when the type may be relinked."""
    if name == parent:
        return 403
    if name not in world.documents or not is_writable(world.effective(person, name)):
        return 404
    if parent not in world.documents or not _knows(world, person, parent):
        return 404
    child, above = world.documents[name], world.documents[parent]
    is_apart = (child.author, child.root) != (above.author, above.root)
    return 403 if parent in world.below(name) or is_apart else 200


def on_removing(world: World, person: str, name: str, *, on_behalf: bool) -> int:
    """Return the status of D5."""
    if name not in world.documents:
        return 404
    author = world.documents[name].author
    is_helper = on_behalf and world.is_elevated(person) and world.looks_after(person, author)
    if world.roles[person] == "admin" or is_helper:
        return 204
    access = world.effective(person, name)
    if person == author:
        return 204 if is_writable(access) else 403
    return 403 if is_readable(access) else 404


def _on_parent(world: World, person: str, root: str, parent: str) -> int:
    """Return the status that a parent leads to; 0 when it is no obstacle."""
    if parent not in world.documents:
        return 404
    access = world.effective(person, parent)
    above = world.documents[parent]
    if not is_readable(access) and person != above.author:
        return 404
    if above.root != root:
        return 400
    return 0 if person == above.author or is_writable(access) or world.looks_after(person, above.author) else 403


def _knows(world: World, person: str, name: str) -> bool:
    author = world.documents[name].author
    if is_readable(world.effective(person, name)) or person == author:
        return True
    return world.is_elevated(person) and world.looks_after(person, author)
