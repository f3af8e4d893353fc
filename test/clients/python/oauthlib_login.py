"""A website that signs people in with requests-oauthlib, which refuses a token response that hides a change of scope."""

import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests
from requests_oauthlib import OAuth2Session

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # http on loopback
issuer = os.environ["ISSUER"]
origin = "http://127.0.0.1:" + os.environ["PORT"]
server = requests.get(issuer + "/.well-known/openid-configuration", timeout=10).json()
session = OAuth2Session(
    os.environ["CLIENT_ID"],
    redirect_uri=origin + "/callback",
    scope=["openid", "profile", "email", "roles", "offline_access"],
    pkce="S256",
)


class Website(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/login":
            url, _state = session.authorization_url(server["authorization_endpoint"])
            self.send_response(302)
            self.send_header("Location", url)
            self.end_headers()
            return
        if not self.path.startswith("/callback"):
            self.send_error(404)
            return
        secret = os.environ["CLIENT_SECRET"]
        try:
            token = session.fetch_token(
                server["token_endpoint"],
                authorization_response=origin + self.path,
                client_secret=secret,
            )
            session.refresh_token(
                server["token_endpoint"], auth=(os.environ["CLIENT_ID"], secret)
            )
            userinfo = session.get(server["userinfo_endpoint"])
            userinfo.raise_for_status()
            body, status = {"userinfo": userinfo.json(), "scope": " ".join(token["scope"])}, 200
        except Exception as problem:  # The test shows it.
            body, status = {"problem": repr(problem)}, 502
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_arguments):
        pass


HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Website).serve_forever()
