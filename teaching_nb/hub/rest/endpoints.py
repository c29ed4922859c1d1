"""Serves routes: finds the one that is asked for, and lets its handler make a response of a request."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping
from typing import Any

from starlette.routing import compile_path

from teaching_nb.errors import Unauthorized
from teaching_nb.hub.actors import Actor
from teaching_nb.hub.rest import refusals
from teaching_nb.hub.rest.parameters import BodyReader, QueryReader, check_query_text, path_reader
from teaching_nb.hub.rest.refusals import RoleRefusal
from teaching_nb.hub.rest.requests import HubRequest
from teaching_nb.hub.rest.responses import Response
from teaching_nb.hub.rest.routes import Answer, OpenTo, Route, signature_of
from teaching_nb.schema import wire


class Endpoints:
    """All routes, ready to serve. Of two paths that fit, the one that is listed first counts."""

    def __init__(self, routes: Iterable[Route]) -> None:
        by_path: dict[str, dict[str, Endpoint]] = {}
        for route in routes:
            by_path.setdefault(route.path, {})[route.method] = Endpoint(route)
        self._paths = [(compile_path(path)[0], methods) for path, methods in by_path.items()]

    def respond(self, request: HubRequest) -> Awaitable[Response]:
        """Return the response to one request, to be awaited; raises what refuses it."""
        endpoint, names = self.find(request.method, request.path, request.actor)
        return endpoint.respond(request, names)

    def find(self, method: str, path: str, actor: Actor | None) -> tuple[Endpoint, dict[str, str]]:
        """Return what answers, and what stands in the places of the path; raises what is told where nothing does."""
        for pattern, methods in self._paths:
            match = pattern.match(path)
            if match is not None:
                endpoint = _of_method(methods, method)
                if endpoint is None:
                    raise refusals.no_such_method(path)
                return endpoint, match.groupdict()
        raise refusals.no_such_path(path, actor)


class Endpoint:
    """One route, ready to serve."""

    def __init__(self, route: Route) -> None:
        takes = signature_of(route)
        self.route = route
        self._path = {name: path_reader(name, kind) for name, kind in takes.path.items()}
        self._query = None if takes.query is None else QueryReader(takes.query)
        self._body = None if takes.body is None else BodyReader(takes.body)
        self._is_silent = takes.answer is None
        self._media_type = refusals.json_type(route.path)

    async def respond(self, request: HubRequest, names: Mapping[str, str]) -> Response:
        """Return the response to one request; raises what refuses it."""
        check_open_to(self.route.open_to, request.actor)
        check_query_text(request)
        request.check_length()
        arguments: dict[str, Any] = {name: read(names[name]) for name, read in self._path.items()}
        if self._query is not None:
            arguments["query"] = self._query.read(request.scope["query_string"])
        if self._body is not None:
            arguments["body"] = await self._body.read(request)
        return self._response(await self.route.handler(request, **arguments))

    def _response(self, result: Any) -> Response:
        if isinstance(result, Response):
            return result
        answer, status = result if isinstance(result, Answer) else Answer(result), self.route.status
        if self._is_silent:
            return Response(status, answer.headers)
        return Response(status, {"content-type": self._media_type, **answer.headers}, wire.encode(answer.value))


def check_open_to(open_to: OpenTo, actor: Actor | None) -> None:
    """Refuse who may not use a route, before anything is looked at; also strangers who got past the guard."""
    if open_to == "everybody":
        return
    if actor is None:
        raise Unauthorized("sign in first")
    if (open_to == "elevated" and not actor.is_elevated) or (open_to == "admins" and not actor.is_admin):
        raise RoleRefusal


def _of_method(methods: Mapping[str, Endpoint], method: str) -> Endpoint | None:
    if method != "HEAD":
        return methods.get(method)
    # As monitors ask; the web server leaves out the body. The existing backend knows HEAD nowhere.
    found = methods.get("GET")
    return found if found is not None and found.route.open_to == "everybody" else None
