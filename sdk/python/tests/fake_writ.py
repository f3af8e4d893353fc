"""A server that answers as Writ does, as far as guards ask, and a JWT that it issues."""

import json
import queue
import threading
import time
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from joserfc import jwk, jws

RESOURCE = "https://api.example.com"
FEED = "/api/v1/revocations"
INTROSPECT = "/connect/introspect"
BATCH = "/connect/guard/introspect"


class FakeWrit:
    def __init__(self):
        self.states = {}
        self.requests = []
        self.statuses = {}
        """The status of each path that is to fail."""
        self.items = []
        self.resources = [RESOURCE]
        self.last = 7
        self.held = threading.Event()
        self.held.set()
        self.events = queue.Queue()
        self.key = jwk.ECKey.generate_key("P-256", {"kid": "es-1", "alg": "ES256"})
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                fake.answer(self)

            do_POST = do_GET

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.issuer = f"http://localhost:{self.server.server_port}"

        # A guard that is closed does not wait for its response.
        self.server.handle_error = lambda *_: None

    def close(self):
        self.events.put(None)
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler):
        path = urlsplit(handler.path).path
        body = handler.rfile.read(int(handler.headers.get("content-length", 0))).decode()
        self.requests.append(handler.path)
        if path in (INTROSPECT, BATCH):
            self.held.wait(5)
        status = self.statuses.get(path, 200)
        if path != "/.well-known/openid-configuration/jwks":
            credentials = b64decode(
                handler.headers["authorization"].removeprefix("Basic ")
            ).decode()
            status = status if credentials == "acme%3Aapi:secret" else 401
        if status == 200 and handler.headers.get("accept") == "text/event-stream":
            return self.stream(handler)
        content = json.dumps(self.content(path, body) if status == 200 else {}).encode()
        handler.send_response(status)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def content(self, path, body):
        inactive = {"active": False}
        if path == INTROSPECT:
            return self.states.get(parse_qs(body)["token"][0], inactive)
        if path == BATCH:
            return {
                "tokens": [self.states.get(token, inactive) for token in json.loads(body)["tokens"]]
            }
        if path == FEED:
            return {
                "items": self.items,
                "resources": self.resources,
                "last": self.last,
                "more": False,
                "retention": 86_400,
            }
        return {"keys": [self.key.as_dict(private=False)]}

    def stream(self, handler):
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("connection", "close")
        handler.end_headers()
        handler.close_connection = True
        text = f"retry: 1000\n\n{self.alive()}"
        while text:
            handler.wfile.write(text.encode())
            handler.wfile.flush()
            text = self.events.get()

    def alive(self):
        told = {"last": self.last, "resources": self.resources}
        return f"event: alive\nid: {self.last}\ndata: {json.dumps(told)}\n\n"

    def tell(self, **item):
        self.last += 1
        told = {"number": self.last, "at": "2026-11-30T10:00:00.000Z", **item}
        self.events.put(f"event: change\nid: {self.last}\ndata: {json.dumps(told)}\n\n")

    def lose(self):
        """Ends the stream, and opens no other."""
        self.statuses[FEED] = 500
        self.events.put(None)

    def count(self, path):
        return sum(urlsplit(each).path == path for each in self.requests)

    def issue(self, token, **claims):
        state = {"active": True, "aud": RESOURCE, "sub": "worker", "client_id": "worker"}
        self.states[token] = {**state, **claims}

    def jwt(self, jti, **claims):
        now = int(time.time())
        payload = {
            "iss": self.issuer,
            "aud": RESOURCE,
            "sub": "worker",
            "client_id": "worker",
            "jti": jti,
            "iat": now,
            "exp": now + 3_600,
            "epochs": {"client": 1},
            **claims,
        }
        header = {"alg": "ES256", "kid": "es-1", "typ": "at+jwt"}
        return jws.serialize_compact(header, json.dumps(payload), self.key)
