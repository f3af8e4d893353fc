"""FastAPI: what each operation needs is a dependency of it."""

from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from .asgi import METADATA_HEADERS, request_of
from .guard import Guard
from .types import Caller, Needs, Refused


class RefusedRequest(HTTPException):
    """The refusal of a request, with its challenge. `protect` gives it the body of RFC 6749."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.status, refused.body["error_description"], refused.headers)
        self.body = refused.body


def protect(app: FastAPI, guard: Guard) -> None:
    """Serves the metadata of the API (RFC 9728), and responds to refused requests with `error` and `error_description`."""

    @app.exception_handler(RefusedRequest)
    async def refuse(_: Request, refused: RefusedRequest) -> JSONResponse:
        return JSONResponse(refused.body, refused.status_code, refused.headers)

    if guard.metadata_path:

        @app.get(guard.metadata_path, include_in_schema=False)
        async def metadata() -> JSONResponse:
            return JSONResponse(guard.metadata, headers=METADATA_HEADERS)


def requires(guard: Guard, needs: Needs | None = None, /, **needed: Any) -> Any:
    """A dependency that is the Caller: `Annotated[Caller, requires(guard, scope="things:read")]`.

    The keywords are those of `Needs`.
    """
    wanted = needs or Needs(**needed)

    async def admit(request: Request) -> Caller:
        try:
            return await guard.admit_async(request_of(request.scope), wanted)
        except Refused as refused:
            raise RefusedRequest(refused) from None

    return Depends(admit)
