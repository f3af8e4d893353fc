"""A FastAPI API that asks the authorization server about each token (RFC 7662).

A token that is revoked, or whose client loses a role, is refused with the next request.
"""

import os
from contextlib import asynccontextmanager
from typing import Annotated
from urllib.parse import quote

import httpx
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

ISSUER = os.environ["ISSUER"]
RESOURCE = os.environ["RESOURCE"]

writ = httpx.AsyncClient(
    # RFC 6749 §2.3.1 encodes both, since the ID of an app's client has a colon.
    auth=(quote(os.environ["CLIENT_ID"], ""), quote(os.environ["CLIENT_SECRET"], "")),
    timeout=5,
)


@asynccontextmanager
async def lifespan(_: FastAPI):
    yield
    await writ.aclose()


app = FastAPI(lifespan=lifespan)
bearer = HTTPBearer(auto_error=False)


def requires(scope: str, permission: str):
    """A dependency: admits requests whose token has the scope, and whose roles give the permission."""

    async def check(
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    ) -> dict:
        if credentials is None:
            raise refusal(401)
        claims = await introspect(credentials.credentials)
        # `cnf`: the token is bound to a key (RFC 9449), whose proof this API does not check.
        if not claims["active"] or claims["aud"] != RESOURCE or "cnf" in claims:
            raise refusal(401, "invalid_token", "The token is not active, or not for this API.")
        if scope not in claims.get("scope", "").split():
            raise refusal(403, "insufficient_scope", f"The token lacks the scope {scope}.", scope)
        if not allows(claims.get("entitlements", []), permission):
            raise refusal(403, "insufficient_scope", f"No role gives {permission}.")
        return claims

    return Depends(check)


async def introspect(token: str) -> dict:
    try:
        response = await writ.post(f"{ISSUER}/connect/introspect", data={"token": token})
        return response.raise_for_status().json()
    except httpx.HTTPError as error:
        raise HTTPException(503, "temporarily_unavailable", {"Retry-After": "1"}) from error


def allows(entitlements: list[str], permission: str) -> bool:
    """Whether one of the patterns that a token carries matches a permission: docs/permissions.md."""
    names = permission.split(".")

    def matches(part: str, name: str) -> bool:
        if part.startswith("^"):
            return name not in part[1:].split("|")
        return part == "*" or name in part.split("|")

    patterns = [pattern.split(".") for pattern in entitlements]
    return any(len(parts) <= len(names) and all(map(matches, parts, names)) for parts in patterns)


def refusal(status: int, error: str = "", description: str = "", scope: str = "") -> HTTPException:
    """As RFC 6750 §3 wants it. A request without a token learns no error code."""
    parameters = {"realm": RESOURCE, "error": error, "error_description": description, "scope": scope}
    challenge = ", ".join(f'{name}="{value}"' for name, value in parameters.items() if value)
    headers = {"WWW-Authenticate": f"Bearer {challenge}"}
    return HTTPException(status, description or None, headers)


class Thing(BaseModel):
    name: str


things = [Thing(name="hammer")]


@app.get("/things")
async def read(claims: Annotated[dict, requires("things:read", "things.read")]):
    return {"things": things, "sub": claims["sub"]}


@app.post("/things", status_code=201)
async def write(thing: Thing, _: Annotated[dict, requires("things:write", "things.write")]):
    things.append(thing)
    return thing
