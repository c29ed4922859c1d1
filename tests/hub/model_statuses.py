"""How a hub must answer requests about documents: statuses, computed from the model of the stateful tests."""

from __future__ import annotations

from teaching_nb.schema.access import is_readable, is_writable
from tests.hub.model import Model


def on_creating(model: Model, person: str, root: str, *, parent: str | None, on_behalf_of: str | None) -> int:
    """Return the status of creating a document."""
    if root not in model.roots:
        return 404
    is_on_behalf = on_behalf_of is not None and model.is_elevated(person)
    if is_on_behalf and not model.looks_after(person, str(on_behalf_of)):
        return 404
    if parent is not None and (refusal := _on_parent(model, person, root, parent)):
        return refusal
    return 200 if is_on_behalf or is_writable(model.own(person, root)) else 403


def on_changing(model: Model, person: str, name: str, *, on_behalf: bool) -> int:
    """Return the status of changing a document."""
    if name not in model.documents:
        return 404
    author = model.documents[name].author
    if on_behalf and model.is_elevated(person):
        return 204 if model.looks_after(person, author) else 404
    access = model.effective(person, name)
    if is_writable(access):
        return 204
    return 403 if is_readable(access) or person == author else 404


def on_linking(model: Model, person: str, name: str, parent: str) -> int:
    """Return the status of putting a document below another one, when its type allows that."""
    if name == parent:
        return 403
    if name not in model.documents or not is_writable(model.effective(person, name)):
        return 404
    if parent not in model.documents or not _knows(model, person, parent):
        return 404
    child, above = model.documents[name], model.documents[parent]
    is_apart = (child.author, child.root) != (above.author, above.root)
    return 403 if parent in model.below(name) or is_apart else 200


def on_removing(model: Model, person: str, name: str, *, on_behalf: bool) -> int:
    """Return the status of deleting a document."""
    if name not in model.documents:
        return 404
    author = model.documents[name].author
    is_helper = on_behalf and model.is_elevated(person) and model.looks_after(person, author)
    if model.roles[person] == "admin" or is_helper:
        return 204
    access = model.effective(person, name)
    if person == author:
        return 204 if is_writable(access) else 403
    return 403 if is_readable(access) else 404


def _on_parent(model: Model, person: str, root: str, parent: str) -> int:
    """Return the status that a parent leads to; 0 when it is no obstacle."""
    if parent not in model.documents:
        return 404
    access = model.effective(person, parent)
    above = model.documents[parent]
    if not is_readable(access) and person != above.author:
        return 404
    if above.root != root:
        return 400
    return 0 if person == above.author or is_writable(access) or model.looks_after(person, above.author) else 403


def _knows(model: Model, person: str, name: str) -> bool:
    author = model.documents[name].author
    if is_readable(model.effective(person, name)) or person == author:
        return True
    return model.is_elevated(person) and model.looks_after(person, author)
