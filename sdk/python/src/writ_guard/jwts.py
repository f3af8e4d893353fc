"""JWT access tokens (RFC 9068), verified with the keys of the issuer."""

import asyncio
import json
import time
from base64 import urlsafe_b64decode
from typing import Any

import httpx
from joserfc import jwk, jws
from joserfc.errors import JoseError

from .types import Claims, InvalidToken, Unavailable

_ALGORITHMS = ["ES256", "RS256", "PS256", "EdDSA", "Ed25519"]
_KEYS_SECONDS = 300
"""How long keys are kept, unless a token names one that is not among them."""
_CLOCK_TOLERANCE = 5
_MAX_VERIFIED = 5_000
"""How many JWTs are remembered whose signature was verified, until keys are fetched again."""
_PAUSE_SECONDS = 5
"""The shortest time between two requests for keys that an unknown `kid` causes."""


def is_jwt(token: str) -> bool:
    return token.startswith("ey") and token.count(".") == 2


class Jwts:
    """Verifies JWTs with the keys at `url`, which it fetches when it needs them."""

    def __init__(self, *, issuer: str, audience: str, url: str, http: httpx.AsyncClient) -> None:
        self._issuer = issuer
        self._audience = audience
        self._url = url
        self._http = http
        self._keys: dict[str, Any] = {}
        self._verified: dict[str, tuple[Claims, str]] = {}
        self._fresh_until = float("-inf")
        self._tried_at = float("-inf")
        self._failure: Unavailable | None = None
        self._fetching = asyncio.Lock()

    def verify_now(self, token: str) -> tuple[Claims, str] | None:
        """The claims and the `kid`; None if the key has to be fetched first. Raises InvalidToken."""
        if time.monotonic() > self._fresh_until:
            return None
        verified = self._verified.get(token)
        if verified is None:
            verified = self._verify(token)
            if verified is None:
                return None
            if len(self._verified) >= _MAX_VERIFIED:
                self._verified = {}
            self._verified[token] = verified
        if not _is_in_force(verified[0]):
            raise InvalidToken()
        return verified

    def _verify(self, token: str) -> tuple[Claims, str] | None:
        header = _header_of(token)
        kid, typ = header.get("kid"), str(header.get("typ")).lower()
        if not isinstance(kid, str) or typ not in ("at+jwt", "application/at+jwt"):
            raise InvalidToken()
        if kid not in self._keys:
            return None
        return self._claims_of(token, self._keys[kid]), kid

    async def verify(self, token: str) -> tuple[Claims, str]:
        """The claims and the `kid`. Raises InvalidToken, and Unavailable if the key cannot be fetched."""
        async with self._fetching:
            verified = self.verify_now(token)
            if verified is None and time.monotonic() - self._tried_at > _PAUSE_SECONDS:
                await self._fetch()
                verified = self.verify_now(token)
        if verified is None:
            raise self._failure or InvalidToken()
        return verified

    async def _fetch(self) -> None:
        self._tried_at = time.monotonic()
        try:
            response = await self._http.get(self._url)
            keys = response.raise_for_status().json()["keys"]
            self._keys = {key["kid"]: jwk.import_key(key) for key in keys if "kid" in key}
            self._verified = {}
        except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError) as error:
            # Keys that were good stay so: the feed tells of a key that is revoked.
            self._failure = Unavailable(f"the keys at {self._url} cannot be read: {error!r}")
            self._fresh_until = time.monotonic() + _PAUSE_SECONDS
        else:
            self._failure = None
            self._fresh_until = time.monotonic() + _KEYS_SECONDS

    def _claims_of(self, token: str, key: Any) -> Claims:
        try:
            claims = json.loads(jws.deserialize_compact(token, key, _ALGORITHMS).payload)
        except (JoseError, ValueError) as error:
            raise InvalidToken() from error
        if not isinstance(claims, dict) or claims.get("iss") != self._issuer:
            raise InvalidToken()
        if self._audience not in audiences_of(claims):
            raise InvalidToken()
        if not all(claims.get(name) for name in ("exp", "iat", "sub", "client_id", "jti")):
            raise InvalidToken()
        return claims


def audiences_of(claims: Claims) -> list[str]:
    aud = claims.get("aud", [])
    return [aud] if isinstance(aud, str) else list(aud)


def _is_in_force(claims: Claims) -> bool:
    now = time.time()
    exp, nbf = claims["exp"], claims.get("nbf", 0)
    numbers = isinstance(exp, int | float) and isinstance(nbf, int | float)
    return numbers and exp > now - _CLOCK_TOLERANCE and nbf <= now + _CLOCK_TOLERANCE


def _header_of(token: str) -> dict[str, Any]:
    try:
        part = token.split(".", 1)[0]
        header = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError as error:
        raise InvalidToken() from error
    if not isinstance(header, dict):
        raise InvalidToken()
    return header
