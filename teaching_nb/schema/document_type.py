"""What a document type is made of; each type is one file in `schema/types`."""

from __future__ import annotations

import msgspec


class DataStruct(msgspec.Struct, rename="camel"):
    """Base of what documents of one type hold: every key has a default, and keys that are not named here survive."""


class DocumentType(msgspec.Struct, frozen=True):
    """What is known of one document type."""

    name: str
    """As the protocol has it, such as `task_state`; also the name of every module about it."""
    data: type[DataStruct]
    live_text: tuple[str, ...] = ()
    """Keys of `data` that several people may edit at once."""
    saves_at_once: bool = False
    """Whether a change is saved without waiting for the next one, as for what is changed by single clicks."""
    call: str = ""
    """Name of the function of `teaching_nb` that shows such a document; empty when there is none."""
