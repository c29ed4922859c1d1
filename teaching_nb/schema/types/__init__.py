"""The document types that are understood here: one module each, with its `TYPE`; nothing else lists them."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from importlib.util import find_spec

from teaching_nb.schema.document_type import DocumentType


def find_types() -> dict[str, DocumentType]:
    """Return all types by name. Raises `RuntimeError` for a module that is not called as its type is."""
    found: dict[str, DocumentType] = {}
    for module in pkgutil.iter_modules(__path__):
        known: DocumentType = import_module(f"{__name__}.{module.name}").TYPE
        if known.name != module.name:
            raise RuntimeError(
                f"schema/types/{module.name}.py holds the type {known.name!r}: call the file as the type"
            )
        found[known.name] = known
    return found


def import_what_is_about(known: DocumentType, package: str) -> bool:
    """Import the module of a package that is called as a type is; tell whether there is one."""
    name = f"{package}.{known.name}"
    is_there = find_spec(name) is not None
    if is_there:
        import_module(name)
    return is_there
