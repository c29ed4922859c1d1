"""One request to the hub and its answer. Never follows a redirect, never says where the hub is."""

from __future__ import annotations

import ssl

from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPInputError

from teaching_nb.errors import Unavailable
from teaching_nb.proxy.context import ProxyContext
from teaching_nb.proxy.upstream import UNTRUSTED, Unusable

_NOBODY_BEHIND = frozenset({502, 503, 504})


async def exchange(context: ProxyContext, request: HTTPRequest) -> HTTPResponse:
    """Send a request and return the answer, whatever its status.

    Raises `Unavailable` when there is none, or one that points elsewhere.
    """
    request.follow_redirects = False
    request.decompress_response = False
    try:
        answer = await context.client.fetch(request, raise_error=False)
    except ssl.SSLCertVerificationError as error:
        context.hub.report_failure()
        raise Unusable(UNTRUSTED) from error
    except (HTTPClientError, HTTPInputError, OSError) as error:
        context.hub.report_failure()
        raise Unavailable(context.hub.unreachable) from error
    if answer.code not in _NOBODY_BEHIND:
        context.hub.report_answer()
    if 300 <= answer.code < 400 and answer.code != 304:
        raise Unavailable("the teaching hub answers with a redirect; check the setting TeachingNB.hub_url")
    return answer
