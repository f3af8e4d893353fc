"""Challenges (RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3) and the metadata of the API (RFC 9728)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from .dpop import ALGORITHMS


def challenge(
    authorization: str | None, error: str, description: str, *, realm: str, **needs: str | None
) -> str:
    """The challenge of the scheme that the request has used, else of Bearer.

    A request without a token learns no error code (RFC 6750 §3.1).
    """
    scheme = (authorization or "").split(" ", 1)[0].lower()
    parameters: dict[str, str | None] = {"realm": realm}
    if scheme in ("bearer", "dpop"):
        parameters |= {"error": error, "error_description": description}
    parameters |= needs
    if scheme == "dpop":
        parameters["algs"] = " ".join(ALGORITHMS)
    listed = ", ".join(
        f'{name}="{_quotable(value)}"' for name, value in parameters.items() if value
    )
    return f"{'DPoP' if scheme == 'dpop' else 'Bearer'} {listed}"


def _quotable(text: str) -> str:
    return re.sub(r"[^\x20\x21\x23-\x5B\x5D-\x7E]", "?", text)


def metadata_url(resource: str) -> str | None:
    """Where the metadata of a resource is (RFC 9728 §3.1). None if its identifier is not an http or https URL."""
    url = urlsplit(resource)
    if url.scheme not in ("http", "https") or not url.netloc:
        return None
    path = "" if url.path == "/" else url.path
    query = f"?{url.query}" if url.query else ""
    return f"{url.scheme}://{url.netloc}/.well-known/oauth-protected-resource{path}{query}"


def metadata_document(
    *,
    resource: str,
    issuer: str,
    scopes: Sequence[str] | None,
    name: str | None,
    documentation: str | None,
) -> Mapping[str, Any]:
    """The metadata (RFC 9728 §2). It is public."""
    document = {
        "resource": resource,
        "authorization_servers": [issuer],
        "scopes_supported": None if scopes is None else list(scopes),
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
        "resource_name": name,
        "resource_documentation": documentation,
    }
    return {name: value for name, value in document.items() if value is not None}
