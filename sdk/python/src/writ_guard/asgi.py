"""ASGI: a middleware that guards everything behind it."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from .guard import Guard
from .types import Needs, Refused, Request

Scope = MutableMapping[str, Any]
App = Callable[
    [Scope, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]
]


def request_of(scope: Scope) -> Request:
    """What the guard reads of a request."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        # A header that comes twice is no token and no proof.
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    raw = scope.get("raw_path")
    path = raw.decode("latin-1") if raw else scope["path"]
    chain = scope.get("extensions", {}).get("tls", {}).get("client_cert_chain") or [None]
    return Request(scope.get("method", "GET"), path.split("?", 1)[0], headers.get, chain[0])


class GuardMiddleware:
    """Admits requests, hands the caller on as `scope["state"]["caller"]`, which is `request.state.caller` in Starlette, and serves
    the metadata of the API.

    needs: what a request needs, by its scope; None lets it pass without a token. Default: any token of the API.
    """

    def __init__(
        self,
        app: App,
        guard: Guard,
        needs: Callable[[Scope], Needs | None] = lambda scope: Needs(),
    ) -> None:
        self._app = app
        self._guard = guard
        self._needs = needs

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request = request_of(scope)
        is_http = scope["type"] == "http"
        if (
            is_http
            and request.path == self._guard.metadata_path
            and request.method in ("GET", "HEAD")
        ):
            await _respond(send, 200, METADATA_HEADERS, self._guard.metadata)
            return
        needs = self._needs(scope)
        if needs is not None:
            try:
                caller = await self._guard.admit_async(request, needs)
            except Refused as refused:
                if is_http:
                    await _respond(send, refused.status, refused.headers, refused.body)
                else:
                    await send({"type": "websocket.close", "code": 1008})
                return
            scope = {**scope, "state": {**scope.get("state", {}), "caller": caller}}
        await self._app(scope, receive, send)


METADATA_HEADERS = {
    "Cache-Control": "public, max-age=300",
    # Clients in a browser read it from another origin.
    "Access-Control-Allow-Origin": "*",
}


async def _respond(send: Any, status: int, headers: dict[str, str], body: Any) -> None:
    encoded = json.dumps(body).encode()
    named = {**headers, "Content-Type": "application/json", "Content-Length": str(len(encoded))}
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(name.lower().encode(), value.encode()) for name, value in named.items()],
        }
    )
    await send({"type": "http.response.body", "body": encoded})
