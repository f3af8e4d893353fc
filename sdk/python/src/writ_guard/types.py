"""What the parts of the guard hand to each other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .permissions import allows

Claims = Mapping[str, Any]


class InvalidToken(Exception):
    """The token is not active, or not for this API."""


class Unavailable(Exception):
    """Writ does not answer, so nothing is known about the token."""


@dataclass(frozen=True)
class Request:
    """A request, as far as the guard looks at it."""

    method: str
    path: str
    """The path that the client has sent, still percent-encoded, without the query."""
    header: Callable[[str], str | None]
    """Returns a header by its name in lower case."""
    certificate: str | bytes | None = None
    """The certificate of the client, as PEM or DER, if the server that runs the API terminates TLS and verifies it."""


@dataclass(frozen=True)
class Detail:
    """What a request does with one thing, for tokens that are limited by `authorization_details` (RFC 9396)."""

    type: str
    action: str | None = None
    identifier: str | None = None


@dataclass(frozen=True)
class Needs:
    """What a request needs besides a token that is active and for this API."""

    scope: str | Sequence[str] = ()
    """All of them: one, several separated by spaces, or several in a list."""
    permission: str | None = None
    """Must be allowed by the token's entitlements: docs/permissions.md."""
    role: str | None = None
    """Prefer permissions: the owner of an app can give a role any name."""
    detail: Detail | None = None
    """A token that is limited to other things is refused; one that is not limited is admitted."""
    acr: str | Sequence[str] = ()
    """The class of the person's sign-in, or several (RFC 9470): `2` for two factors."""
    max_age: int | None = None
    """How many seconds ago the person may have signed in (RFC 9470)."""

    @property
    def scopes(self) -> list[str]:
        return _words(self.scope)

    @property
    def acr_values(self) -> list[str]:
        return _words(self.acr)


def _words(given: str | Sequence[str]) -> list[str]:
    return given.split() if isinstance(given, str) else list(given)


@dataclass(frozen=True)
class Caller:
    """The authorized caller of a request."""

    client_id: str
    """`app:client` for a client of an app."""
    subject: str
    """The `sub` of the token: a person, or the client itself."""
    app: str | None
    """If your data belongs to apps, find it by this, not only by a name in the path."""
    scope: Sequence[str]
    roles: Sequence[str]
    entitlements: Sequence[str]
    authorization_details: Sequence[Mapping[str, Any]]
    """The single things that the token is limited to (RFC 9396); empty if it is not limited."""
    acr: str | None
    signed_in_at: datetime | None
    """When the person signed in to the client; None for a token without a login."""
    claims: Claims = field(repr=False)
    """All claims of the token, or its introspection response."""

    def may(self, permission: str) -> bool:
        """Whether the entitlements allow a permission, such as `things.read`."""
        return allows(self.entitlements, permission)

    def may_on(self, detail: Detail) -> bool:
        """Whether the token is not limited to other things. They only restrict: check scope and permission as well."""
        return not self.authorization_details or any(
            _permits(granted, detail) for granted in self.authorization_details
        )

    @classmethod
    def of(cls, claims: Claims) -> "Caller":
        at = claims.get("auth_time")
        return cls(
            client_id=str(claims.get("client_id")),
            subject=str(claims.get("sub")),
            app=claims.get("app"),
            scope=str(claims.get("scope", "")).split(),
            roles=claims.get("roles", []),
            entitlements=claims.get("entitlements", []),
            authorization_details=claims.get("authorization_details", []),
            acr=claims.get("acr"),
            signed_in_at=None if at is None else datetime.fromtimestamp(at, UTC),
            claims=claims,
        )


def _permits(granted: Mapping[str, Any], detail: Detail) -> bool:
    # Members that mean nothing here cannot be ignored: that could allow more than was granted.
    return (
        granted.get("type") == detail.type
        and granted.keys() <= {"type", "identifier", "actions"}
        and ("identifier" not in granted or granted["identifier"] == detail.identifier)
        and ("actions" not in granted or detail.action in granted["actions"])
    )


class Refused(Exception):
    """The request is not authorized. Respond with this status, these headers and this body as JSON."""

    def __init__(self, status: int, error: str, description: str, headers: dict[str, str]):
        super().__init__(description)
        self.status = status
        self.headers = headers
        self.body = {"error": error, "error_description": description}
