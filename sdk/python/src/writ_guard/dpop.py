"""DPoP proofs (RFC 9449 §4), as a resource server verifies them."""

import hashlib
import threading
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from json import loads
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwk, jws
from joserfc.errors import JoseError

ALGORITHMS = ("PS256", "ES256", "EdDSA", "Ed25519")

_MAX_AGE = 285
_MAX_AHEAD = 15
_MEMORY = _MAX_AGE + _MAX_AHEAD


class InvalidProof(Exception):
    """A proof that is refused, with the reason as a sentence."""


@dataclass(frozen=True)
class Proof:
    """A verified proof: the thumbprint of its key (RFC 7638), and its ID."""

    jkt: str
    jti: str


def verify_proof(proof: str, *, method: str, url: str, access_token: str) -> Proof:
    """Verifies a proof except for its single use; the caller compares `jkt` with the token. Raises InvalidProof."""
    header, payload, key = _read(proof)
    if header.get("typ") != "dpop+jwt":
        raise InvalidProof("The typ of the DPoP proof must be dpop+jwt.")
    jti, iat = payload.get("jti"), payload.get("iat")
    exp, nbf = payload.get("exp"), payload.get("nbf")
    now = time.time()
    if not isinstance(jti, str) or not 0 < len(jti) <= 512:
        raise InvalidProof("The DPoP proof needs a jti.")
    if payload.get("htm") != method:
        raise InvalidProof("The htm of the DPoP proof is not the method of the request.")
    plain = _plain_url(payload.get("htu"))
    if plain is None or plain != _plain_url(url):
        raise InvalidProof("The htu of the DPoP proof is not the URL of the request.")
    if not isinstance(iat, int | float) or not now - _MAX_AGE <= iat <= now + _MAX_AHEAD:
        raise InvalidProof("The iat of the DPoP proof is not recent enough.")
    if (exp is not None and not (isinstance(exp, int | float) and exp > now)) or (
        nbf is not None and not (isinstance(nbf, int | float) and nbf <= now + _MAX_AHEAD)
    ):
        raise InvalidProof("The DPoP proof is not valid at this time.")
    digest = urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).rstrip(b"=").decode()
    if payload.get("ath") != digest:
        raise InvalidProof("The ath of the DPoP proof is not the digest of the access token.")
    return Proof(key.thumbprint(), jti)


def _read(proof: str) -> tuple[dict[str, Any], dict[str, Any], Any]:
    try:
        header = jws.extract_compact(proof.encode()).headers()
        key = jwk.import_key(header["jwk"])
        # A private or symmetric key must not be accepted (RFC 9449 §4.3).
        if key.key_type == "oct" or key.is_private:
            raise InvalidProof("The jwk of the DPoP proof must be a public key.")
        if key.key_type == "RSA" and getattr(key.raw_value, "key_size", 0) < 2048:
            raise InvalidProof("The key of the DPoP proof is too short.")
        payload = loads(jws.deserialize_compact(proof, key, list(ALGORITHMS)).payload)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidProof(
            "The DPoP header must have one JWT, signed by the key in its jwk."
        ) from error
    if not isinstance(payload, dict):
        raise InvalidProof("The payload of the DPoP proof must be an object.")
    return header, payload, key


def _plain_url(text: object) -> tuple[str, str, int, str] | None:
    """A URL without query and fragment (RFC 9449 §4.3) in a comparable form; None if it is none."""
    try:
        url = urlsplit(text) if isinstance(text, str) else None
        if url is None or url.scheme not in ("http", "https") or not url.hostname:
            return None
        port = url.port or (443 if url.scheme == "https" else 80)
    except ValueError:
        return None
    return url.scheme, url.hostname, port, url.path or "/"


class UsedProofs:
    """Proofs that this guard has admitted, which it must not admit again."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def add(self, proof: Proof) -> None:
        """Raises InvalidProof if the proof was used before."""
        now = time.monotonic()
        key = (proof.jkt, proof.jti)
        with self._lock:
            while (
                self._until and (oldest := next(iter(self._until))) and self._until[oldest] <= now
            ):
                del self._until[oldest]
            if key in self._until:
                raise InvalidProof("The DPoP proof was already used.")
            self._until[key] = now + _MEMORY
