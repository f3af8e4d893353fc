"""The guard of an API: admits requests by their Writ tokens. It knows no framework."""

import asyncio
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Literal
from urllib.parse import quote, urlsplit

import httpx

from .background import Background
from .certificates import thumbprint
from .challenges import challenge, metadata_document, metadata_url
from .dpop import InvalidProof, Proof, UsedProofs, verify_proof
from .feed import Feed
from .introspection import Introspection
from .jwts import Jwts, audiences_of, is_jwt
from .types import Caller, Claims, InvalidToken, Needs, Refused, Request, Unavailable

log = logging.getLogger("writ_guard")

_MAX_CACHED = 10_000
_NOT_ACTIVE = "The token is not active or not for this API."


class Guard:
    """Guards one API. It can be shared by threads and event loops; `fastapi`, `asgi` and `flask` have what frameworks need."""

    def __init__(
        self,
        *,
        issuer: str,
        resource: str,
        client_id: str,
        client_secret: str,
        offline: bool = False,
        follow: bool = True,
        longest_lifetime: float | None = None,
        max_lag: float = 15,
        when_lost: Literal["introspect", "refuse", "admit"] = "introspect",
        cache_seconds: float = 0,
        url: str | None = None,
        scopes: Sequence[str] | None = None,
        name: str | None = None,
        documentation: str | None = None,
        timeout: float = 5,
        certificate_of: Callable[[Request], str | bytes | None] | None = None,
    ) -> None:
        """
        issuer: the issuer URL of Writ.
        resource: the identifier of the API's resource in Writ, which is the audience of its tokens.
        client_id, client_secret: the client in Writ that is the resource server of the API.
        offline: verifies JWTs with the keys of Writ and does not ask about each. Without it, every token is introspected. Opaque
            tokens always are.
        follow: follows the feed of revocations, so that a revoked JWT is refused within a second.
        longest_lifetime: the longest lifetime of the API's JWTs in seconds. Older ones, and those that live longer, are
            introspected. Default: as long as Writ keeps changes.
        max_lag: seconds without a sign of life of the feed after which it counts as lost.
        when_lost: what happens to JWTs while the feed is lost: they are introspected, refused with 503, or admitted by their
            signature alone. `introspect` is 503 as well if Writ is unreachable.
        cache_seconds: how long an introspection response is used again, never beyond the expiry of its token. A revoked token
            can work that long.
        url: the URL of the API as its clients know it, which their DPoP proofs name: an origin, or one with the path that a
            proxy removes. Default: the origin of `resource`.
        scopes, name, documentation: for the metadata of the API (RFC 9728). They are public.
        timeout: seconds that a request to Writ may take.
        certificate_of: returns the certificate of the client of a request (RFC 8705 section 3), as PEM or DER. Behind a proxy that
            terminates TLS, read what it states with `request.header`, and only if the proxy has verified that the client has the
            key of the certificate, and no one else can send that header. Default: that of the connection, if the ASGI server has
            the extension `tls`.
        """
        self.issuer = issuer
        self.resource = resource
        origin = urlsplit(resource)
        self._base = (url or f"{origin.scheme}://{origin.netloc}").rstrip("/")
        self._authorization = (quote(client_id, ""), quote(client_secret, ""))
        self._offline = offline
        self._follow = offline and follow
        self._longest_lifetime = longest_lifetime
        self._max_lag = max_lag
        self._when_lost = when_lost
        self._cache_seconds = cache_seconds
        self._timeout = timeout
        self._certificate_of = certificate_of or (lambda request: request.certificate)
        self._used_proofs = UsedProofs()
        self._lock = threading.Lock()
        self._running: _Running | None = None

        self.metadata_url = metadata_url(resource)
        """Where clients look for the metadata (RFC 9728); None if `resource` is not an http or https URL."""
        self.metadata_path = urlsplit(self.metadata_url).path if self.metadata_url else None
        """The path of that URL: serve `metadata` there, to everyone."""
        self.metadata = metadata_document(
            resource=resource, issuer=issuer, scopes=scopes, name=name, documentation=documentation
        )

    def admit(self, request: Request, needs: Needs = Needs()) -> Caller:
        """The caller of a request that is authorized. Raises Refused. It can wait for Writ."""
        token, proof = self._read(request, needs)
        running = self._start()
        identified = running.identify_now(token)
        if identified is None:
            identified = running.identify_soon(token).result()
        return self._decide(request, needs, proof, identified)

    async def admit_async(self, request: Request, needs: Needs = Needs()) -> Caller:
        """The same, for event loops."""
        token, proof = self._read(request, needs)
        running = self._start()
        identified = running.identify_now(token)
        if identified is None:
            identified = await asyncio.wrap_future(running.identify_soon(token))
        return self._decide(request, needs, proof, identified)

    def require(self, request: Request, caller: Caller, needs: Needs) -> None:
        """Raises Refused if a caller lacks something, for requests that say in their body what they need."""
        missing = [scope for scope in needs.scopes if scope not in caller.scope]
        lacking = None
        if missing:
            lacking = f"The token lacks the scope {' '.join(missing)}."
        elif needs.permission is not None and not caller.may(needs.permission):
            lacking = f"No role gives {needs.permission}."
        elif needs.role is not None and needs.role not in caller.roles:
            lacking = f"The caller does not have the role {needs.role}."
        elif needs.detail is not None and not caller.may_on(needs.detail):
            lacking = "The authorization_details of the token do not allow this."
        if lacking:
            scope = needs.scopes if missing else []
            raise self._challenge(request, 403, "insufficient_scope", lacking, scope=scope)
        self._require_sign_in(request, caller, needs)

    @property
    def is_feed_current(self) -> bool:
        """Whether the feed of revocations is followed now; false without `offline`."""
        feed = self._start().feed
        return feed is not None and feed.is_current

    def start(self) -> None:
        """Follows the feed from now on, which the first request does otherwise."""
        self._start()

    def close(self) -> None:
        """Leaves the feed, and ends the connections to Writ."""
        with self._lock:
            running, self._running = self._running, None
        if running:
            running.close()

    def _start(self) -> "_Running":
        running = self._running
        # A process that was forked has no thread of its own.
        if running is None or running.pid != os.getpid():
            with self._lock:
                running = self._running
                if running is None or running.pid != os.getpid():
                    running = self._running = _Running(self)
        return running

    def _read(self, request: Request, needs: Needs) -> tuple[str, Proof | None]:
        """The token of a request, and its proof with the scheme DPoP."""
        authorization = request.header("authorization") or ""
        match = re.fullmatch(r"(bearer|dpop) +([\x21-\x7e]{1,8192})", authorization, re.IGNORECASE)
        if not match:
            raise self._challenge(request, 401, "invalid_token", _NOT_ACTIVE, scope=needs.scopes)
        scheme, token = match.groups()
        if scheme.lower() == "bearer":
            return token, None
        try:
            url = self._base + request.path
            proof = request.header("dpop") or ""
            return token, verify_proof(proof, method=request.method, url=url, access_token=token)
        except InvalidProof as error:
            raise self._challenge(
                request, 401, "invalid_dpop_proof", str(error), scope=needs.scopes
            ) from None

    def _decide(
        self, request: Request, needs: Needs, proof: Proof | None, identified: "Claims | Exception"
    ) -> Caller:
        try:
            if isinstance(identified, Exception):
                raise identified
            if not _is_proven(
                identified.get("cnf"), proof, lambda: thumbprint(self._certificate_of(request))
            ):
                raise InvalidToken()
            if proof:
                self._used_proofs.add(proof)
        except InvalidToken:
            raise self._challenge(
                request, 401, "invalid_token", _NOT_ACTIVE, scope=needs.scopes
            ) from None
        except InvalidProof as error:
            raise self._challenge(
                request, 401, "invalid_dpop_proof", str(error), scope=needs.scopes
            ) from None
        except Unavailable as error:
            log.error("Tokens cannot be checked: %s", error)
            raise Refused(
                503,
                "temporarily_unavailable",
                "Tokens cannot be checked now. Try again later.",
                {"Retry-After": "2"},
            ) from error
        caller = Caller.of(identified)
        self.require(request, caller, needs)
        return caller

    def _require_sign_in(self, request: Request, caller: Caller, needs: Needs) -> None:
        # Two factors are also one (RFC 9470): classes are `1` and `2`.
        is_good = caller.acr in needs.acr_values or (caller.acr == "2" and "1" in needs.acr_values)
        at = caller.signed_in_at
        is_recent = needs.max_age is None or (at and time.time() - at.timestamp() <= needs.max_age)
        if needs.acr_values and not (is_good and at):
            sentence = "The person must sign in in another way."
        elif not is_recent:
            sentence = f"The person must have signed in at most {needs.max_age} seconds ago."
        else:
            return
        raise self._challenge(
            request,
            401,
            "insufficient_user_authentication",
            sentence,
            acr_values=needs.acr_values,
            max_age=needs.max_age,
        )

    def _challenge(
        self,
        request: Request,
        status: int,
        error: str,
        sentence: str,
        *,
        scope: Sequence[str] = (),
        acr_values: Sequence[str] = (),
        max_age: int | None = None,
    ) -> Refused:
        header = challenge(
            request.header("authorization"),
            error,
            sentence,
            realm=self.resource,
            scope=" ".join(scope),
            acr_values=" ".join(acr_values),
            max_age=None if max_age is None else str(max_age),
            resource_metadata=self.metadata_url,
        )
        return Refused(status, error, sentence, {"WWW-Authenticate": header})


class _Running:
    """The parts of a guard that run in one process."""

    def __init__(self, guard: Guard) -> None:
        self.pid = os.getpid()
        self._guard = guard
        self._background = Background()
        self._cache: dict[str, tuple[Claims, float]] = {}
        self._generation = 0
        self._jwts: Jwts
        self._introspection: Introspection
        self.feed: Feed | None = None
        self._background.run(self._open()).result()

    async def _open(self) -> None:
        guard = self._guard
        at = guard.issuer.removesuffix("/")
        self._http = httpx.AsyncClient(auth=guard._authorization, timeout=guard._timeout)
        self._keys_http = httpx.AsyncClient(timeout=guard._timeout)
        self._jwts = Jwts(
            issuer=guard.issuer,
            audience=guard.resource,
            url=f"{at}/.well-known/openid-configuration/jwks",
            http=self._keys_http,
        )
        self._introspection = Introspection(
            url=f"{at}/connect/introspect",
            batch_url=f"{at}/connect/guard/introspect",
            http=self._http,
        )
        if guard._follow:
            self.feed = Feed(
                url=f"{at}/api/v1/revocations",
                resource=guard.resource,
                http=self._http,
                max_lag=guard._max_lag,
                longest_lifetime=guard._longest_lifetime,
                on_change=self._forget,
            )
            self._following = asyncio.ensure_future(self.feed.run())

    def close(self) -> None:
        if self.pid != os.getpid():
            return

        async def close() -> None:
            await self._http.aclose()
            await self._keys_http.aclose()

        self._background.run(close()).result(5)
        self._background.close()

    def identify_now(self, token: str) -> Claims | Exception | None:
        """What is known without asking Writ: the claims, or why the token is refused; None if Writ has to be asked."""
        try:
            if self._guard._offline and is_jwt(token):
                verified = self._jwts.verify_now(token)
                return None if verified is None else self._judge(*verified)
        except (InvalidToken, Unavailable) as error:
            return error
        cached = self._cache.get(token)
        return cached[0] if cached and cached[1] > time.time() else None

    def identify_soon(self, token: str) -> "Future[Claims | Exception]":
        """The same, asking Writ."""
        return self._background.run(self._identify(token))

    async def _identify(self, token: str) -> Claims | Exception:
        try:
            if self._guard._offline and is_jwt(token):
                claims = self._judge(*await self._jwts.verify(token))
                if claims is not None:
                    return claims
            return await self._introspect(token)
        except (InvalidToken, Unavailable) as error:
            return error

    def _judge(self, claims: Claims, kid: str) -> Claims | None:
        """The claims of a JWT that is known not to be revoked; None if Writ has to be asked. Raises InvalidToken and Unavailable."""
        if self.feed and self.feed.revokes(claims, kid):
            raise InvalidToken()
        # A JWT of token exchange ends with all that it comes from, and does not name all of that.
        if "sources" in claims:
            return None
        if self.feed is None:
            return claims
        if self.feed.is_current:
            return claims if self.feed.reaches(claims) else None
        if self._guard._when_lost == "refuse":
            raise Unavailable("the feed of revocations is lost")
        return claims if self._guard._when_lost == "admit" else None

    async def _introspect(self, token: str) -> Claims:
        cached = self._cache.get(token)
        if cached and cached[1] > time.time():
            return cached[0]
        generation = self._generation
        claims = await self._introspection.ask(token)
        if claims.get("active") is not True or self._guard.resource not in audiences_of(claims):
            raise InvalidToken()
        # What was asked before a change is not kept.
        if self._guard._cache_seconds > 0 and generation == self._generation:
            if len(self._cache) >= _MAX_CACHED:
                self._cache = {}
            until = min(time.time() + self._guard._cache_seconds, claims.get("exp", float("inf")))
            self._cache[token] = claims, until
        return claims

    def _forget(self) -> None:
        self._generation += 1
        self._cache = {}


def _is_proven(cnf: Any, proof: Proof | None, certificate: Callable[[], str | None]) -> bool:
    """Whether a request may use a token with this `cnf` (RFC 7800): one that is bound to a key only with a proof of it, one that is
    not bound only without a proof; one that is bound to a certificate only with that certificate (RFC 8705 section 3)."""
    bound = cnf or {}
    return (
        set(bound) <= {"jkt", "x5t#S256"}
        and bound.get("jkt") == (proof.jkt if proof else None)
        and ("x5t#S256" not in bound or bound["x5t#S256"] == certificate())
    )
