"""What may be asked where, as data: every noun lists its routes, and everything else is made from these lists.

Who must be signed in, what a request is checked against (`endpoints`), how paths are spelled (`paths`) and the
description of the interface (`openapi`) follow from a route and the annotations of its handler.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from types import NoneType
from typing import Any, Generic, Literal, TypeAlias, TypeVar, get_args, get_origin

import msgspec

T = TypeVar("T")

OpenTo: TypeAlias = Literal["everybody", "known", "elevated", "admins"]

Handler: TypeAlias = Callable[..., Awaitable[Any]]

_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the interface.

    The handler gets the request and, by name, what stands in braces in the path, `query` (a Struct) and `body`
    (anything that msgspec decodes; with a default the body may be missing). It returns what is sent as JSON,
    nothing where its annotation is None, or a whole response.
    """

    method: str
    path: str
    handler: Handler
    status: int = 200
    open_to: OpenTo = "known"


class Answer(msgspec.Struct, Generic[T], frozen=True):
    """What a handler returns that has something to say in headers, too."""

    value: T
    headers: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Signature:
    """What a handler takes and gives, as its annotations say."""

    path: dict[str, Any]
    """Names in the path and their types; a string is an id."""
    query: type[msgspec.Struct] | None
    body: inspect.Parameter | None
    answer: Any
    """Type of what is sent as JSON; None when nothing is sent."""


def signature_of(route: Route) -> Signature:
    """Return what the handler of a route takes and gives."""
    found = inspect.signature(route.handler, eval_str=True)
    _request, *others = found.parameters.values()
    takes = {parameter.name: parameter for parameter in others}
    query, body = takes.pop("query", None), takes.pop("body", None)
    assert set(takes) == set(_NAME.findall(route.path)), f"{route.handler.__name__} takes other names than {route.path}"
    return Signature(
        path={name: parameter.annotation for name, parameter in takes.items()},
        query=None if query is None else query.annotation,
        body=body,
        answer=_sent(found.return_annotation),
    )


def below(prefix: str, routes: Iterable[Route]) -> tuple[Route, ...]:
    """Return the routes of nouns with their whole paths."""
    return tuple(replace(route, path=prefix + route.path) for route in routes)


def _sent(annotation: Any) -> Any:
    inner = get_args(annotation)[0] if get_origin(annotation) is Answer else annotation
    return None if inner is NoneType else inner
