"""The guard in Flask, and as an ASGI middleware. The tests of Writ run FastAPI."""

import asyncio

import httpx
from flask import Flask, g
from test_guard import GuardTest
from writ_guard import Needs
from writ_guard.asgi import GuardMiddleware
from writ_guard.flask import protect, requires

CHALLENGE = (
    'Bearer realm="https://api.example.com", error="insufficient_scope", '
    'error_description="The token lacks the scope things:write.", scope="things:write", '
    'resource_metadata="https://api.example.com/.well-known/oauth-protected-resource"'
)


class Frameworks(GuardTest):
    def setUp(self):
        super().setUp()
        self.writ.issue("token", scope="things:read")

    def test_flask(self):
        guard = self.guard(name="Things")
        app = Flask("api")
        protect(app, guard)

        @app.get("/things/<path:name>")
        @requires(guard, scope="things:read")
        def read(name):
            return {"name": name, "sub": g.caller.subject}

        @app.post("/things/<path:name>")
        @requires(guard, Needs(scope="things:write"))
        def write(name):
            raise AssertionError("it is not admitted")

        client = app.test_client()
        headers = {"authorization": "Bearer token"}
        response = client.get("/things/a%20b?x=1", headers=headers)
        self.assertEqual(
            (response.status_code, response.json), (200, {"name": "a b", "sub": "worker"})
        )
        response = client.post("/things/a", headers=headers)
        self.assertEqual(
            (response.status_code, response.json["error"]), (403, "insufficient_scope")
        )
        self.assertEqual(response.headers["www-authenticate"], CHALLENGE)
        response = client.get("/.well-known/oauth-protected-resource")
        self.assertEqual(response.json["resource_name"], "Things")

    def test_asgi(self):
        guard = self.guard(name="Things")

        async def api(scope, receive, send):
            caller = scope.get("state", {}).get("caller")
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send(
                {"type": "http.response.body", "body": caller.subject.encode() if caller else b""}
            )

        def needs(scope):
            if scope["path"] == "/public":
                return None
            return Needs(scope="things:read" if scope["method"] == "GET" else "things:write")

        async def run():
            transport = httpx.ASGITransport(GuardMiddleware(api, guard, needs))
            headers = {"authorization": "Bearer token"}
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                response = await client.get("/things", headers=headers)
                self.assertEqual((response.status_code, response.text), (200, "worker"))
                response = await client.post("/things", headers=headers)
                self.assertEqual(response.headers["www-authenticate"], CHALLENGE)
                self.assertEqual(response.json()["error"], "insufficient_scope")
                self.assertEqual((await client.get("/public")).status_code, 200)
                self.assertEqual((await client.get("/things")).status_code, 401)
                twice = [("authorization", "Bearer token"), ("authorization", "Bearer other")]
                self.assertEqual((await client.get("/things", headers=twice)).status_code, 401)
                response = await client.get("/.well-known/oauth-protected-resource")
                self.assertEqual(response.json()["resource_name"], "Things")

        asyncio.run(run())
