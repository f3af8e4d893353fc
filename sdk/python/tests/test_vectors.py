"""The examples that every guard agrees with, in whatever language: sdk/vectors/README.md of Writ."""

import asyncio
import json
import unittest
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import httpx
from writ_guard import Caller, Detail, Guard, Needs, Refused, Request, allows
from writ_guard.jwts import Jwts
from writ_guard.revocations import Revocations
from writ_guard.types import InvalidToken

ROOT = Path(__file__).resolve().parents[3]


def read(path):
    return json.loads((ROOT / path).read_text())


class Vectors(unittest.TestCase):
    def each(self, cases):
        self.assertTrue(cases)
        for case in cases:
            with self.subTest(case.get("name", case)):
                yield case

    def test_permissions(self):
        for case in self.each(read("docs/permissions.json")["allows"]):
            self.assertIs(allows(case["granted"], case["permission"]), case["allowed"])

    def test_tokens(self):
        file = read("sdk/vectors/tokens.json")
        for case in self.each(file["cases"]):
            now, later = file["now"], file["now"] + 7_200
            valid = asyncio.run(self.verify(file, case["token"], [now, now, later]))
            self.assertEqual(valid, [case["valid"], case["valid"], False])

    async def verify(self, file, token, times):
        """Whether a token is valid at each of these times."""
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json=file["jwks"]))
        valid = []
        async with httpx.AsyncClient(transport=transport) as http:
            jwts = Jwts(
                issuer=file["issuer"], audience=file["audience"], url="http://writ/", http=http
            )
            for now in times:
                with patch("writ_guard.jwts.time.time", lambda now=now: now):
                    try:
                        valid.append(bool(await jwts.verify(token)))
                    except InvalidToken:
                        valid.append(False)
        return valid

    def test_feeds(self):
        for case in self.each(read("sdk/vectors/feeds.json")["cases"]):
            revocations = Revocations()
            for item in case["items"]:
                revocations.apply(item)
            for check in self.each(case["checks"]):
                revoked = revocations.revokes(check["claims"], check["kid"])
                self.assertIs(revoked, check["revoked"])
            revocations.prune(datetime(2027, 1, 16, tzinfo=UTC).timestamp())
            for check in case["checks"]:
                self.assertFalse(revocations.revokes(check["claims"], "another"))

    def test_decisions(self):
        file = read("sdk/vectors/decisions.json")
        guard = Guard(
            issuer="http://localhost:1",
            resource="https://api.example.com",
            client_id="api",
            client_secret="secret",
        )
        request = Request("GET", "/", {"authorization": "Bearer x"}.get)
        for case in self.each(file["cases"]):
            needs = dict(case["needs"])
            sign_in = needs.pop("signIn", {})
            detail = needs.pop("detail", None)
            wanted = Needs(
                **needs,
                detail=Detail(**detail) if detail else None,
                acr=sign_in.get("acr", ()),
                max_age=sign_in.get("maxAge"),
            )
            status, error, header = 200, None, ""
            with patch("writ_guard.guard.time.time", lambda: file["now"]):
                try:
                    guard.require(request, Caller.of(case["claims"]), wanted)
                except Refused as refused:
                    status, error = refused.status, refused.body["error"]
                    header = refused.headers["WWW-Authenticate"]
            self.assertEqual((status, error), (case["status"], case.get("error")))
            for name in ("scope", "acr_values", "max_age"):
                if name in case:
                    self.assertIn(f', {name}="{case[name]}"', header)


if __name__ == "__main__":
    unittest.main()
