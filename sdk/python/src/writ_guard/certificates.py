"""Certificates of clients (RFC 8705): a token that is bound to one needs it."""

import re
from base64 import b64decode, urlsafe_b64encode
from hashlib import sha256

_PEM = re.compile("-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)


def thumbprint(certificate: str | bytes | None) -> str | None:
    """The `x5t#S256` of a certificate (RFC 8705 section 3.1), as PEM or DER; None if it is not one. Of a chain in PEM, the first."""
    if isinstance(certificate, str):
        match = _PEM.search(certificate)
        try:
            certificate = b64decode("".join(match[1].split()), validate=True) if match else None
        except ValueError:
            return None
    if not certificate:
        return None
    return urlsafe_b64encode(sha256(certificate).digest()).rstrip(b"=").decode()
