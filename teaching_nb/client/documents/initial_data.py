"""The content that a document gets when it does not exist yet. Pure."""

from __future__ import annotations

from typing import Any

from teaching_nb.errors import InvalidInput
from teaching_nb.schema import documents, limits, wire


def initial_data(type_name: str, init: Any) -> Any:
    """Return the data for `init`: a text for types with a live text, the whole data, or None for the default.

    Raises `InvalidInput` for content that the type cannot have, `TooLarge` for too much of it.
    """
    if not type_name or not isinstance(type_name, str):
        raise InvalidInput("a document needs a type, such as 'code'")
    keys = documents.live_text_keys(type_name)
    init = documents.with_given_form(type_name, None, init)
    known = documents.document_type(type_name)
    default = wire.to_plain(known.data()) if known else {}
    if isinstance(init, str):
        if not keys:
            raise InvalidInput(f"init of a {type_name} document is an object, not a text")
        data: Any = {**default, keys[0]: init}
    elif init is None:
        data = default
    elif keys and not isinstance(init, dict):
        raise InvalidInput(f"init of a {type_name} document is a text or an object, not {init!r:.60}")
    else:
        data = {**default, **init} if keys and isinstance(init, dict) else init
    is_text_given = not isinstance(init, dict) or any(key in init for key in keys)
    in_both_forms = documents.with_form if is_text_given else documents.with_text
    return _checked(type_name, in_both_forms(type_name, data), keys)


def _checked(type_name: str, data: Any, keys: tuple[str, ...]) -> Any:
    try:
        size = len(wire.encode(data))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"init cannot be written as JSON: {error}") from error
    wire.check_json(data, "init")
    documents.check_data(type_name, data)
    for key, value in data.items() if isinstance(data, dict) else ():
        if why := documents.why_not_assigned(type_name, key, value):
            raise InvalidInput(f"{key!r} of a {type_name} document cannot be {value!r:.60}: {why}")
    for key in keys:
        documents.check_length(type_name, data.get(key, ""))
    limits.check_size("init", size, limits.LIVE_TEXT_BYTES if keys else limits.REST_BODY_BYTES)
    return documents.with_line_feeds(type_name, data)
