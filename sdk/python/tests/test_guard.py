"""What guards do, in front of a server that answers as Writ does."""

import asyncio
import hashlib
import json
import logging
import os
import ssl
import time
import unittest
from base64 import urlsafe_b64encode
from unittest.mock import patch

from fake_writ import BATCH, FEED, INTROSPECT, RESOURCE, FakeWrit
from joserfc import jwk, jws
from writ_guard import Guard, Needs, Refused, Request
from writ_guard.asgi import request_of


def eventually(is_so):
    end = time.monotonic() + 5
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError("it never became so")
        time.sleep(0.005)


def status_of(guard, authorization, needs=Needs(), **headers):
    request = Request("GET", "/things", {"authorization": authorization, **headers}.get)
    try:
        guard.admit(request, needs)
    except Refused as refused:
        return refused.status
    return 200


async def status_async(guard, authorization):
    try:
        await guard.admit_async(Request("GET", "/things", {"authorization": authorization}.get))
    except Refused as refused:
        return refused.status
    return 200


class GuardTest(unittest.TestCase):
    def setUp(self):
        logging.disable()
        self.addCleanup(logging.disable, logging.NOTSET)
        self.writ = FakeWrit()
        self.addCleanup(self.writ.close)

    def guard(self, **options):
        guard = Guard(
            issuer=self.writ.issuer,
            resource=RESOURCE,
            client_id="acme:api",
            client_secret="secret",
            **options,
        )
        self.addCleanup(guard.close)
        return guard

    def following(self, **options):
        guard = self.guard(offline=True, **options)
        eventually(lambda: guard.is_feed_current)
        return guard


class Introspected(GuardTest):
    def test_tokens_that_are_asked_about_together_travel_in_one_request(self):
        guard = self.guard()
        tokens = [f"token-{index}" for index in range(102)]
        for token in tokens[::2]:
            self.writ.issue(token)

        async def all_at_once():
            # The requests on their way are held up until all others wait.
            self.writ.held.clear()
            found = [
                asyncio.ensure_future(status_async(guard, f"Bearer {token}")) for token in tokens
            ]
            await asyncio.sleep(0)
            self.writ.held.set()
            return await asyncio.gather(*found)

        self.assertEqual(asyncio.run(all_at_once()), [200, 401] * 51)
        self.assertLessEqual(self.writ.count(INTROSPECT) + self.writ.count(BATCH), 5)

    def test_an_older_writ_is_asked_one_by_one(self):
        self.writ.statuses[BATCH] = 404
        self.writ.issue("good")
        guard = self.guard()

        async def all_at_once():
            return await asyncio.gather(
                *(
                    status_async(guard, f"Bearer {token}")
                    for token in ("good", "a", "b", "c", "good")
                )
            )

        self.assertEqual(asyncio.run(all_at_once()), [200, 401, 401, 401, 200])

    def test_responses_are_kept_only_as_long_as_the_api_allows(self):
        kept, fresh = self.guard(cache_seconds=3_600), self.guard()
        self.writ.issue("long")
        self.writ.issue("short", exp=time.time() + 60)
        for token in ("long", "short"):
            self.assertEqual(
                [status_of(each, f"Bearer {token}") for each in (kept, fresh)], [200, 200]
            )
            del self.writ.states[token]
            self.assertEqual(
                [status_of(each, f"Bearer {token}") for each in (kept, fresh)], [200, 401]
            )
        later = time.time() + 61
        with patch("writ_guard.guard.time.time", lambda: later):
            self.assertEqual(status_of(kept, "Bearer short"), 401)
            self.assertEqual(status_of(kept, "Bearer long"), 200)

    def test_a_request_is_refused_with_503_while_writ_is_away(self):
        self.writ.statuses[INTROSPECT] = 500
        with self.assertRaises(Refused) as raised:
            self.guard().admit(Request("GET", "/", {"authorization": "Bearer x"}.get))
        self.assertEqual(
            (raised.exception.status, raised.exception.headers), (503, {"Retry-After": "2"})
        )

    def test_a_token_for_another_api_is_refused(self):
        self.writ.issue("other", aud=["https://other.example.com"])
        self.writ.issue("both", aud=["https://other.example.com", RESOURCE])
        guard = self.guard()
        self.assertEqual(
            [status_of(guard, f"Bearer {each}") for each in ("other", "both")], [401, 200]
        )

    def test_a_process_that_was_forked_asks_by_itself(self):
        self.writ.issue("token")
        guard = self.guard()
        self.assertEqual(status_of(guard, "Bearer token"), 200)
        child = os.fork()
        if child == 0:
            os._exit(0 if status_of(guard, "Bearer token") == 200 else 1)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)


class Offline(GuardTest):
    def test_a_jwt_is_refused_from_its_revocation_on(self):
        guard = self.following()
        first, second = self.writ.jwt("tok_1"), self.writ.jwt("tok_2")
        self.assertEqual(status_of(guard, f"Bearer {first}"), 200)
        self.writ.tell(kind="token.revoked", jti="tok_1")
        eventually(lambda: status_of(guard, f"Bearer {first}") == 401)
        self.assertEqual(status_of(guard, f"Bearer {second}"), 200)
        self.writ.tell(kind="key.revoked", kid="es-1")
        eventually(lambda: status_of(guard, f"Bearer {second}") == 401)
        self.assertEqual(self.writ.count(INTROSPECT), 0)

    def test_a_jwt_that_the_feed_does_not_reach_is_introspected(self):
        guard = self.following(longest_lifetime=60)
        now = int(time.time())
        short = self.writ.jwt("tok_1", exp=now + 60, iat=now)
        old = self.writ.jwt("tok_2", exp=now + 60, iat=now - 120)
        long = self.writ.jwt("tok_3", exp=now + 120, iat=now)
        self.assertEqual(
            [status_of(guard, f"Bearer {each}") for each in (short, old, long)], [200, 401, 401]
        )

    def test_a_jwt_of_token_exchange_is_introspected_whatever_the_guard_follows(self):
        exchanged = self.writ.jwt("tok_2", sources=["tok_0"])
        lost = self.guard(offline=True, when_lost="admit", max_lag=0)
        guards = (self.following(), self.guard(offline=True, follow=False), lost)
        self.assertEqual(
            [status_of(guard, f"Bearer {exchanged}") for guard in guards], [401, 401, 401]
        )
        self.writ.issue(exchanged)
        self.assertEqual(
            [status_of(guard, f"Bearer {exchanged}") for guard in guards], [200, 200, 200]
        )

    def test_without_the_feed_jwts_are_introspected_refused_or_admitted(self):
        token = self.writ.jwt("tok_1")
        self.writ.issue(token)
        expected = {"introspect": (200, 503), "refuse": (503, 503), "admit": (200, 200)}
        for when_lost, (with_writ, without) in expected.items():
            with self.subTest(when_lost):
                self.writ.statuses = {}
                guard = self.following(when_lost=when_lost)
                self.assertEqual(status_of(guard, f"Bearer {token}"), 200)
                self.writ.lose()
                guard._start().feed._max_lag = 0  # instead of waiting for it
                eventually(lambda: not guard.is_feed_current)
                self.assertEqual(status_of(guard, f"Bearer {token}"), with_writ)
                self.writ.statuses[INTROSPECT] = 500
                self.assertEqual(status_of(guard, f"Bearer {token}"), without)
                guard.close()

    def test_a_feed_without_the_api_is_not_relied_on_and_read_again_when_it_has_it(self):
        self.writ.resources = ["https://other.example.com"]
        token = self.writ.jwt("tok_1")
        logging.disable(logging.NOTSET)
        with self.assertLogs("writ_guard", "WARNING") as logs:
            guard = self.guard(offline=True)
            guard.start()
            eventually(lambda: self.writ.count(FEED) > 1)
        self.assertIn(f"is not the resource server of {RESOURCE}", logs.output[0])
        logging.disable()
        self.assertEqual((guard.is_feed_current, status_of(guard, f"Bearer {token}")), (False, 401))
        self.writ.resources = [RESOURCE, "https://other.example.com"]
        eventually(lambda: guard.is_feed_current)
        self.assertEqual(status_of(guard, f"Bearer {token}"), 200)
        self.writ.resources = []
        self.writ.events.put(self.writ.alive())
        eventually(lambda: not guard.is_feed_current)
        self.assertEqual(status_of(guard, f"Bearer {token}"), 401)
        self.writ.items = [
            {"number": 3, "at": "2026-11-30T10:00:00.000Z", "kind": "token.revoked", "jti": "tok_1"}
        ]
        self.writ.resources = [RESOURCE]
        eventually(lambda: guard.is_feed_current)
        # It knows what was told while the API was missing.
        self.assertTrue(guard._start().feed.revokes({"jti": "tok_1"}, None))
        self.assertNotIn("after=", [each for each in self.writ.requests if FEED in each][-2])

    def test_a_feed_that_has_a_gap_is_read_again(self):
        guard = self.following()
        self.writ.items = [
            {"number": 3, "at": "2026-11-30T10:00:00.000Z", "kind": "token.revoked", "jti": "tok_1"}
        ]
        self.writ.events.put("event: gap\ndata: {}\n\n")
        feed = guard._start().feed
        eventually(lambda: feed.revokes({"jti": "tok_1"}, None) and guard.is_feed_current)

    def test_what_was_asked_before_a_change_is_not_kept(self):
        guard = self.following(cache_seconds=3_600)
        self.writ.issue("opaque")
        self.assertEqual(status_of(guard, "Bearer opaque"), 200)
        del self.writ.states["opaque"]
        self.assertEqual(status_of(guard, "Bearer opaque"), 200)
        self.writ.tell(kind="token.revoked", jti="tok_9")
        eventually(lambda: status_of(guard, "Bearer opaque") == 401)


class Proofs(GuardTest):
    def proof(self, key, token="bound", **changed):
        digest = urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        claims = {
            "jti": os.urandom(8).hex(),
            "htm": "GET",
            "htu": "HTTPS://API.example.com:443/things?x=1",
            "iat": int(time.time()),
            "ath": digest,
            **changed,
        }
        header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": key.as_dict(private=False)}
        return jws.serialize_compact(header, json.dumps(claims), key)

    def test_a_bound_token_is_admitted_with_a_proof_of_its_key_and_once(self):
        guard = self.guard()
        key, stranger = (jwk.ECKey.generate_key("P-256") for _ in range(2))
        self.writ.issue("bound", cnf={"jkt": key.thumbprint()})
        self.writ.issue("free")
        proof = self.proof(key)
        self.assertEqual(status_of(guard, "DPoP bound", dpop=proof), 200)
        self.assertEqual(status_of(guard, "DPoP bound", dpop=proof), 401)
        self.assertEqual(status_of(guard, "dpop bound", dpop=self.proof(key)), 200)
        private = {"alg": "ES256", "typ": "dpop+jwt", "jwk": key.as_dict(private=True)}
        refused = {
            "as Bearer": ("Bearer bound", ""),
            "without": ("DPoP bound", ""),
            "no JWT": ("DPoP bound", "x.y.z"),
            "another key": ("DPoP bound", self.proof(stranger)),
            "another token": ("DPoP bound", self.proof(key, "free")),
            "a token that is not bound": ("DPoP free", self.proof(key, "free")),
            "a private key": ("DPoP bound", jws.serialize_compact(private, "{}", key)),
        }
        for name, wrong in {
            "htm": "POST",
            "htu": "https://api.example.com/other",
            "iat": int(time.time()) - 400,
            "jti": "",
            "exp": 1,
            "nbf": "now",
        }.items():
            refused[name] = ("DPoP bound", self.proof(key, **{name: wrong}))
        for name, (authorization, proof) in refused.items():
            with self.subTest(name):
                self.assertEqual(status_of(guard, authorization, dpop=proof), 401)

    def test_a_token_of_a_certificate_is_admitted_with_that_certificate(self):
        own, other = b"a certificate", b"another"
        digest = urlsafe_b64encode(hashlib.sha256(own).digest()).rstrip(b"=").decode()
        self.writ.issue("certified", cnf={"x5t#S256": digest})
        self.writ.issue("both", cnf={"x5t#S256": digest, "jkt": "x"})
        self.writ.issue("unknown", cnf={"x5t#S256": digest, "osc": "x"})

        def admits(certificate, token="certified", **options):
            headers = {"authorization": f"Bearer {token}", "x-client-certificate": "stated"}
            request = Request("GET", "/things", headers.get, certificate)
            try:
                self.guard(**options).admit(request)
            except Refused as refused:
                self.assertEqual((refused.status, refused.body["error"]), (401, "invalid_token"))
                return False
            return True

        pem = ssl.DER_cert_to_PEM_cert
        self.assertTrue(admits(own))
        self.assertTrue(admits(pem(own)))
        self.assertTrue(admits(pem(own) + pem(other)))
        stated = {"stated": pem(own)}
        of_proxy = {"certificate_of": lambda request: stated[request.header("x-client-certificate")]}
        self.assertTrue(admits(None, **of_proxy))
        self.assertFalse(admits(own, certificate_of=lambda request: pem(other)))
        for wrong in [None, "", b"", other, pem(other), "no certificate", pem(own)[:-40]]:
            with self.subTest(wrong):
                self.assertFalse(admits(wrong))
        self.assertFalse(admits(own, token="both"))
        self.assertFalse(admits(own, token="unknown"))

    def test_the_certificate_of_a_connection_is_that_of_the_asgi_server(self):
        scope = {"path": "/", "headers": []}
        self.assertIsNone(request_of(scope).certificate)
        for chain, expected in [(["own", "issuer"], "own"), ([], None), (None, None)]:
            tls = {"client_cert_chain": chain}
            scope = {"path": "/", "headers": [], "extensions": {"tls": tls}}
            self.assertEqual(request_of(scope).certificate, expected)


if __name__ == "__main__":
    unittest.main()
