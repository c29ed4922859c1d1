"""The description of the interface, OpenAPI 3.1, made of the routes and of the types that check requests."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import msgspec

from teaching_nb.hub.rest.refusals import ACCOUNT_PATHS
from teaching_nb.hub.rest.responses import Response
from teaching_nb.hub.rest.routes import Route, Signature, signature_of

_COMPONENTS = "#/components/schemas/{name}"
_JSON = "application/json"


class Refusal(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is wrong, and how wrong; some refusals have further keys."""

    name: str
    message: str
    status: int
    is_operational: bool


class Refusals(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request was refused."""

    errors: list[Refusal]


class PlainRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request was refused: nobody is signed in, or their role does not allow it."""

    error: str


class AccountRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request about an account was refused."""

    message: str
    code: str | None = None


def described(routes: Iterable[Route], *, version: str) -> dict[str, Any]:
    """Return the description of an interface."""
    signatures = [(route, signature_of(route)) for route in routes]
    kinds = [kind for route, signature in signatures for kind in _kinds(route, signature)]
    found, components = msgspec.json.schema_components(kinds, ref_template=_COMPONENTS)
    schemas = dict(zip(kinds, found, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route, signature in signatures:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, signature, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "teaching_nb hub", "version": version},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _kinds(route: Route, signature: Signature) -> list[Any]:
    """Return all types that an operation needs a schema of."""
    body = [] if signature.body is None else [signature.body.annotation]
    answer = [] if _sends_no_json(signature) else [signature.answer]
    return [*signature.path.values(), *_query_kinds(signature), *body, *answer, *_refusals(route)]


def _operation(route: Route, signature: Signature, schemas: dict[Any, Any]) -> dict[str, Any]:
    module = route.handler.__module__.rpartition(".")[2]
    operation = {
        "tags": [module],
        "operationId": f"{module}_{route.handler.__name__}",
        "summary": (inspect.getdoc(route.handler) or "").partition("\n")[0],
        "parameters": [*_path_parameters(signature, schemas), *_query_parameters(signature, schemas)],
        "responses": {
            str(route.status): {"description": HTTPStatus(route.status).phrase, **_content(signature, schemas)},
            "default": {"description": "Refused", "content": {_JSON: {"schema": _any_of(_refusals(route), schemas)}}},
        },
        "security": [] if route.open_to == "everybody" else [{"token": []}],
    }
    if signature.body is not None:
        operation["requestBody"] = {
            "content": {_JSON: {"schema": schemas[signature.body.annotation]}},
            "required": signature.body.default is inspect.Parameter.empty,
        }
    return operation


def _content(signature: Signature, schemas: dict[Any, Any]) -> dict[str, Any]:
    if signature.answer is None:
        return {}
    if _sends_no_json(signature):
        return {"content": {"text/plain": {"schema": {"type": "string"}}}}
    return {"content": {_JSON: {"schema": schemas[signature.answer]}}}


def _sends_no_json(signature: Signature) -> bool:
    answer = signature.answer
    return answer is None or (inspect.isclass(answer) and issubclass(answer, Response))


def _path_parameters(signature: Signature, schemas: dict[Any, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _in_path(kind, schemas)}
        for name, kind in signature.path.items()
    ]


def _in_path(kind: Any, schemas: dict[Any, Any]) -> dict[str, Any]:
    # A string in a path is always an id.
    return {"type": "string", "format": "uuid"} if kind is str else schemas[kind]


def _query_parameters(signature: Signature, schemas: dict[Any, Any]) -> list[dict[str, Any]]:
    fields = () if signature.query is None else msgspec.structs.fields(signature.query)
    return [
        {"name": field.encode_name, "in": "query", "required": field.required, "schema": schemas[field.type]}
        for field in fields
    ]


def _query_kinds(signature: Signature) -> list[Any]:
    return [] if signature.query is None else [field.type for field in msgspec.structs.fields(signature.query)]


def _refusals(route: Route) -> list[Any]:
    return [AccountRefusal] if route.path.startswith(ACCOUNT_PATHS) else [Refusals, PlainRefusal]


def _any_of(kinds: list[Any], schemas: dict[Any, Any]) -> dict[str, Any]:
    return {"anyOf": [schemas[kind] for kind in kinds]}
