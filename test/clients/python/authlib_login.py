"""A website that signs people in with Authlib's client for Starlette, which configures itself by discovery."""

import os

import uvicorn
from authlib.integrations.starlette_client import OAuth
from fastapi import FastAPI, Request
from starlette.middleware.sessions import SessionMiddleware

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key="a key of the website")
oauth = OAuth()
oauth.register(
    name="writ",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=os.environ["ISSUER"] + "/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email roles", "code_challenge_method": "S256"},
)


@app.get("/login")
async def login(request: Request):
    return await oauth.writ.authorize_redirect(request, str(request.url_for("callback")))


@app.get("/callback")
async def callback(request: Request):
    token = await oauth.writ.authorize_access_token(request)
    return {
        "id_token": token["userinfo"],
        "userinfo": await oauth.writ.userinfo(token=token),
        "scope": token["scope"],
    }


uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]))
