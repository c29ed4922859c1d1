"""The requests of recordings as bytes: bodies that were shortened are made again in their length."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.conformance.placeholders import Bindings

_STRING = re.compile(r"string of (\d+) characters")
_NESTED = re.compile(r"<data nested (\d+) levels deep>")
_MEGABYTES = re.compile(r"<(\d+) MB>")
_LONG_PATH = re.compile(r"<string of (\d+) characters>")
_PREFIX = "/api/v1/documents/"


def path_of(request: dict[str, Any], bindings: Bindings) -> str:
    """Return the path as it is sent."""
    template: str = request["path"]
    long = _LONG_PATH.fullmatch(template)
    if long is not None:
        return _PREFIX + "a" * (int(long[1]) - len(_PREFIX))
    return str(bindings.fill(template))


def body_of(request: dict[str, Any], bindings: Bindings) -> tuple[bytes | None, str | None]:
    """Return the body as it is sent, and the content type that it has when no header says otherwise."""
    if "rawBody" in request:
        return bindings.fill(request["rawBody"]).encode("utf-8", "surrogatepass"), None
    if "body" not in request:
        return None, None
    template = request["body"]
    if isinstance(template, str):
        return _shortened(template, bindings).encode(), "application/json"
    text = json.dumps(bindings.fill(template), ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode(), "application/json"
    except UnicodeEncodeError:  # a lone surrogate travels as an escape
        return json.dumps(bindings.fill(template)).encode(), "application/json"


def _shortened(template: str, bindings: Bindings) -> str:
    nested = _NESTED.fullmatch(template)
    if nested is not None:
        depth = int(nested[1])
        root = next((value for name, value in bindings.values.items() if name.startswith("<root:")), "")
        data = '{"a":' * depth + "1" + "}" * depth
        return f'{{"type":"note","documentRootId":"{root}","data":{data}}}'
    megabytes = _MEGABYTES.fullmatch(template)
    if megabytes is not None:
        return json.dumps({"data": "x" * (int(megabytes[1]) * 1_000_000)})
    if _STRING.search(template):
        return _STRING.sub(lambda found: json.dumps("x" * int(found[1])), template[1:-1])
    return json.dumps(bindings.fill(template))
