"""A FastAPI API that authorizes requests with access tokens of Writ.

It verifies JWTs itself and follows revocations; other tokens it asks Writ about. A revoked token is refused within a second.
"""

import os
from typing import Annotated

from fastapi import FastAPI
from pydantic import BaseModel
from writ_guard import Caller, Guard
from writ_guard.fastapi import protect, requires

guard = Guard(
    issuer=os.environ["ISSUER"],
    resource=os.environ["RESOURCE"],
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    offline=True,
    scopes=["things:read", "things:write"],
)
app = FastAPI()
protect(app, guard)

Reader = Annotated[Caller, requires(guard, scope="things:read", permission="things.read")]
Writer = Annotated[Caller, requires(guard, scope="things:write", permission="things.write")]


class Thing(BaseModel):
    name: str


things = [Thing(name="hammer")]


@app.get("/things")
async def read(caller: Reader):
    return {"things": things, "sub": caller.subject}


@app.post("/things", status_code=201)
async def write(thing: Thing, _: Writer):
    things.append(thing)
    return thing
