"""What a handler is given, made of a request: ids and numbers of the path, the query, the body.

Everything is checked by msgspec against the annotations of the handler; what does not fit is told in words, with
its place.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any, get_origin

import msgspec
from starlette.datastructures import QueryParams

from teaching_nb.errors import InvalidInput
from teaching_nb.hub.rest.refusals import BadRequest
from teaching_nb.hub.rest.requests import HubRequest
from teaching_nb.schema import wire

_json = msgspec.json.Decoder()

_IDS = {"root_id": "document root id"}
"""What ids are called, where a name in a path does not say it by itself."""


def path_reader(name: str, kind: Any) -> Callable[[str], Any]:
    """Return what makes a value of a name's text in the path."""
    if kind is str:
        return partial(wire.parse_uuid, what=_IDS.get(name, name.replace("_", " ")))
    return partial(_converted, kind=kind, what=name)


class QueryReader:
    """Reads the parameters of a query into a Struct.

    A flag is set by exactly one lower-case `true`, a list takes every value, and of anything else the first counts.
    """

    def __init__(self, kind: type[msgspec.Struct]) -> None:
        self._kind = kind
        self._fields = [(field.encode_name, field.type) for field in msgspec.structs.fields(kind)]

    def read(self, query_string: bytes) -> msgspec.Struct:
        """Return what a query says; raises `BadRequest` with the name of what does not fit."""
        given = self._given(QueryParams(query_string)) if query_string else {}
        try:
            return msgspec.convert(given, self._kind, strict=False)
        except msgspec.ValidationError as error:
            raise BadRequest(_with_place(error)) from error

    def _given(self, query: QueryParams) -> dict[str, Any]:
        found = ((name, kind, query.getlist(name)) for name, kind in self._fields)
        return {name: _value(values, kind) for name, kind, values in found if values}


class BodyReader:
    """Reads JSON into what a handler wants as its body."""

    def __init__(self, parameter: inspect.Parameter) -> None:
        self._kind = parameter.annotation
        self._default = parameter.default

    async def read(self, request: HubRequest) -> Any:
        """Return the body; raises `BadRequest` with what is wrong with it."""
        raw = await request.body()
        if raw:
            wire.check_no_nul(raw)
            return self._decoded(raw)
        if self._default is inspect.Parameter.empty:
            raise BadRequest("the request needs a JSON body and has none")
        return self._default

    def _decoded(self, raw: bytes) -> Any:
        try:
            # Not at once into what is wanted: what is left out then need not be JSON.
            return msgspec.convert(_json.decode(raw), self._kind)
        except msgspec.ValidationError as error:
            raise BadRequest(_with_place(error)) from error
        except msgspec.DecodeError as error:
            raise BadRequest(f"the body is not JSON: {error}") from error
        except UnicodeDecodeError as error:
            raise BadRequest("the body is not UTF-8") from error
        except RecursionError as error:
            raise BadRequest("the body is nested too deeply") from error


def check_query_text(request: HubRequest) -> None:
    """Refuse the character NUL, which not every database can store; in bodies, `BodyReader` does."""
    if b"%00" in request.scope["query_string"]:
        raise InvalidInput("the query must not hold the character NUL (%00)")


def _value(values: list[str], kind: Any) -> Any:
    if kind is bool:
        return values == ["true"]
    return values if get_origin(kind) is list else values[0]


def _converted(text: str, kind: Any, what: str) -> Any:
    try:
        return msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadRequest(f"{error} - at {what}") from error


def _with_place(error: msgspec.ValidationError) -> str:
    """Return a mistake in msgspec's words, and where it stands in ours."""
    mistake, at, place = str(error).rpartition(" - at `$")
    return f"{mistake} - at {place.strip('.`')}" if at else f"{error} - in the body"
