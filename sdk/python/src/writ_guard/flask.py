"""Flask: what each view needs is a decorator of it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, jsonify, make_response, request

from .asgi import METADATA_HEADERS
from .guard import Guard
from .types import Needs, Refused, Request

View = TypeVar("View", bound=Callable[..., Any])


def protect(app: Flask, guard: Guard) -> None:
    """Serves the metadata of the API (RFC 9728)."""
    if guard.metadata_path:

        def metadata() -> Response:
            return make_response(jsonify(guard.metadata), 200, METADATA_HEADERS)

        app.add_url_rule(guard.metadata_path, "writ_guard_metadata", metadata)


def requires(guard: Guard, needs: Needs | None = None, /, **needed: Any) -> Callable[[View], View]:
    """A decorator of a view: admits its requests, and puts the Caller into `flask.g.caller`.

    The keywords are those of `Needs`.
    """
    wanted = needs or Needs(**needed)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            try:
                g.caller = guard.admit(_request(), wanted)
            except Refused as refused:
                abort(make_response(jsonify(refused.body), refused.status, refused.headers))
            return view(*args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


def _request() -> Request:
    # Werkzeug decodes the path; servers keep what the client has sent in one of these.
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path
    return Request(request.method, urlsplit(raw).path, lambda name: request.headers.get(name))
