"""Lets tokens of Writ do in Datasette what their authorization details allow: a plugin for --plugins-dir."""

from urllib.parse import unquote

import httpx
from datasette import hookimpl


@hookimpl
def actor_from_request(datasette, request):
    async def ask():
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        writ = datasette.plugin_config("writ")
        async with httpx.AsyncClient(auth=(writ["client_id"], writ["client_secret"])) as client:
            answer = await client.post(writ["introspection"], data={"token": token})
        told = answer.json()
        if not told["active"]:
            return None
        limits = None if "unrestricted" in told.get("scope", "").split() else told.get("authorization_details", [])
        return {"id": told["sub"], "token": "writ", "limits": limits}

    return ask


@hookimpl
def permission_allowed(actor, action, resource):
    if not actor or actor["limits"] is None:
        return bool(actor)
    asked = [] if resource is None else [resource] if isinstance(resource, str) else list(resource)
    for limit in actor["limits"]:
        # Without an identifier it holds everywhere; an empty name is the name of nothing.
        place = [unquote(name) for name in limit["identifier"].split("/")] if "identifier" in limit else []
        if action in limit.get("actions", []) and place == asked[: len(place)]:
            return True
        # Whoever may see a thing may come to it.
        if action in ("view-instance", "view-database") and asked == place[: len(asked)]:
            return True
    return False
