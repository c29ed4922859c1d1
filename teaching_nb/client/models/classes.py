"""Which model class a document type has."""

from __future__ import annotations

import types
from typing import Any

from teaching_nb.client.models.document import DocumentModel
from teaching_nb.client.models.live_text import LiveTextModel
from teaching_nb.schema import documents
from teaching_nb.schema.document_type import DocumentType
from teaching_nb.schema.types import import_what_is_about

_HOME = "teaching_nb.client.models"


def model_class(type_name: str) -> type[DocumentModel]:
    """Return the model of a type: the class of its own, one made from what is known of it, or `DocumentModel`."""
    known = documents.document_type(type_name)
    if known is None:
        return DocumentModel
    if known.name not in DocumentModel.classes:
        is_there = import_what_is_about(known, _HOME)
        if is_there and known.name not in DocumentModel.classes:
            raise TypeError(f"{_HOME}.{known.name} holds no model of the type {known.name!r}: rename the module")
    return DocumentModel.classes.get(known.name) or _made(known)


def _made(known: DocumentType) -> type[DocumentModel]:
    name = f"{known.data.__name__}Model"
    base: Any = LiveTextModel if known.live_text else DocumentModel
    return types.new_class(name, (base,), {"type": known}, lambda body: body.update(__doc__=known.data.__doc__))
