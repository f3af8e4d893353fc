"""What the feed `GET /api/v1/revocations` says about JWTs. sdk/vectors of Writ has examples."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from .types import Claims

# The kinds of `epochs`, with the claim that names the party. A change that names several is about the first.
_PARTIES = (
    ("grant", "grant_id"),
    ("account", "sub"),
    ("client", "client_id"),
    ("app", "app"),
)


class Revocations:
    """The changes of the feed that were read since it was last read from its beginning."""

    def __init__(self) -> None:
        # Each with the time of its latest change.
        self._tokens: dict[str, float] = {}
        self._keys: set[str] = set()
        self._epochs: dict[tuple[str, str], tuple[int, float]] = {}

    def apply(self, change: Mapping[str, Any]) -> None:
        """Learns of a change. Changes can come twice."""
        at = datetime.fromisoformat(change["at"]).timestamp()
        kind = change["kind"]
        if kind == "token.revoked" and "jti" in change:
            self._tokens[change["jti"]] = at
        if kind == "key.revoked" and "kid" in change:
            self._keys.add(change["kid"])
        if "epoch" in change and (party := next(_parties_of(change), None)):
            known, _ = self._epochs.get(party, (0, 0))
            self._epochs[party] = max(known, change["epoch"]), at

    def revokes(self, claims: Claims, kid: str | None) -> bool:
        """Whether a JWT with these claims, signed by the key `kid`, is revoked."""
        if claims.get("jti") in self._tokens or kid in self._keys:
            return True
        own = claims.get("epochs") or {}
        return any(
            own.get(party[0], 0) < self._epochs.get(party, (0, 0))[0]
            for party in _parties_of(claims)
        )

    def prune(self, before: float) -> None:
        """Forgets changes that are older than every JWT that is checked: before this time, in seconds since 1970."""
        self._tokens = {jti: at for jti, at in self._tokens.items() if at >= before}
        self._epochs = {party: known for party, known in self._epochs.items() if known[1] >= before}


def _parties_of(members: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for kind, member in _PARTIES:
        if isinstance(members.get(member), str):
            yield kind, members[member]
