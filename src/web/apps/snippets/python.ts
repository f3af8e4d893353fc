import { grantTypes } from '../../../oauth/grant-types.ts';
import { urlOf } from '../../../oauth/issuer.ts';
import { endpoints } from '../../../oauth/paths.ts';
import { type Connecting, quoted } from './connecting.ts';
import { exampleUser, type TokenForUser } from './curl.ts';

/** A program for Python 3 with requests, or with Authlib for sign-ins; undefined for code that runs in browsers. */
export const pythonCode = (connecting: Connecting): string | undefined =>
  ({
    server,
    agent: server,
    website_with_server: websiteWithServer,
    website: () => undefined,
    native,
    device,
  })[connecting.kind](connecting);

const server = ({ issuer, scope, resource }: Connecting): string => `\
import os

import requests

response = requests.post(
    ${quoted(urlOf(issuer, endpoints.token))},
    data={
        "grant_type": "${grantTypes.clientCredentials}",
        "client_id": os.environ["OAUTH_CLIENT_ID"],
        "client_secret": os.environ["OAUTH_CLIENT_SECRET"],${items({ scope, resource }, 8)}
    },
    timeout=10,
)
response.raise_for_status()
print(response.json()["access_token"])`;

const websiteWithServer = (connecting: Connecting): string => `\
import os

from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
${insecure(connecting)}

def oauth(**options):
    return OAuth2Session(
        os.environ["OAUTH_CLIENT_ID"],
        os.environ["OAUTH_CLIENT_SECRET"],
        token_endpoint_auth_method="client_secret_post",${options(connecting, 8)}
        **options,
    )


def start_sign_in(session):
    """Starts a sign-in. Redirect the browser to the URL that this returns. session is kept per browser."""
    session["code_verifier"] = generate_token(48)
    url, session["state"] = oauth().create_authorization_url(
        ${quoted(urlOf(connecting.issuer, endpoints.authorization))},
        code_verifier=session["code_verifier"],${named({ resource: connecting.resource }, 8)}
    )
    return url


def finish_sign_in(session, url):
    """Ends it. Call this at the redirect URI, with the whole URL of the request. Returns the tokens."""
    return oauth(state=session["state"]).fetch_token(
        ${quoted(urlOf(connecting.issuer, endpoints.token))},
        authorization_response=url,
        code_verifier=session["code_verifier"],
    )`;

const native = (connecting: Connecting): string => `\
${insecureImport(connecting)}from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
${insecure(connecting)}
oauth = OAuth2Session(
    ${quoted(connecting.clientId)},
    token_endpoint_auth_method="none",${options(connecting, 4)}
)
code_verifier = generate_token(48)
url, state = oauth.create_authorization_url(
    ${quoted(urlOf(connecting.issuer, endpoints.authorization))},
    code_verifier=code_verifier,${named({ resource: connecting.resource }, 4)}
)
print(f"Open this URL in a browser: {url}", flush=True)

# The system opens an installed app with the URL that the browser returns to. Here, paste it.
returned = input("The URL that the browser returned to: ")

token = oauth.fetch_token(
    ${quoted(urlOf(connecting.issuer, endpoints.token))},
    authorization_response=returned,
    state=state,
    code_verifier=code_verifier,
)
print(token["access_token"])
# Keep token["refresh_token"] where only your program can read it: oauth.refresh_token() exchanges it for new tokens.`;

const device = ({ issuer, clientId, scope, resource }: Connecting): string => `\
import time

import requests

CLIENT_ID = ${quoted(clientId)}

login = requests.post(
    ${quoted(urlOf(issuer, endpoints.device_authorization))},
    data={
        "client_id": CLIENT_ID,${items({ scope, resource }, 8)}
    },
    timeout=10,
).json()
print(f"Open {login['verification_uri']} and enter {login['user_code']}", flush=True)

interval = login["interval"]
while True:
    time.sleep(interval)
    response = requests.post(
        ${quoted(urlOf(issuer, endpoints.token))},
        data={
            "grant_type": "${grantTypes.deviceCode}",
            "client_id": CLIENT_ID,
            "device_code": login["device_code"],
        },
        timeout=10,
    )
    answer = response.json()
    if response.ok:
        break
    if answer["error"] == "slow_down":
        interval += 5
    elif answer["error"] != "authorization_pending":
        raise SystemExit(answer["error_description"])
print(answer["access_token"])
# Keep answer["refresh_token"] where only your program can read it: it gets new tokens with grant_type=refresh_token.`;

const insecureImport = ({ issuer }: Connecting): string =>
  issuer.startsWith('http:') ? 'import os\n\n' : '';

/** Allows http, which Authlib refuses by default. */
const insecure = ({ issuer }: Connecting): string =>
  issuer.startsWith('http:')
    ? '\nos.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # only for http: remove this with https\n'
    : '';

/** The keyword arguments of a session, one per line. */
const options = ({ scope, redirectUri = '' }: Connecting, indent: number): string =>
  named({ scope, redirect_uri: redirectUri, code_challenge_method: 'S256' }, indent);

const named = (values: Record<string, string | undefined>, indent: number): string =>
  lines(values, indent, (name, value) => `${name}=${quoted(value)},`);

const items = (values: Record<string, string | undefined>, indent: number): string =>
  lines(values, indent, (name, value) => `"${name}": ${quoted(value)},`);

const lines = (
  values: Record<string, string | undefined>,
  indent: number,
  write: (name: string, value: string) => string,
): string =>
  Object.entries(values)
    .map(([name, value]) =>
      value === undefined ? '' : `\n${' '.repeat(indent)}${write(name, value)}`,
    )
    .join('');

/** A program for a backend: creates a token for a user, lists the user's tokens, and can revoke them. */
export const tokensInPython = (issuer: string, { roles, ...token }: TokenForUser): string => `\
import os

import requests

API = ${quoted(urlOf(issuer, '/api/v1'))}
api = requests.Session()
api.headers["Authorization"] = f"Bearer {os.environ['API_KEY']}"

subject = {"type": "${exampleUser.type}", "id": "${exampleUser.id}"}
response = api.post(
    f"{API}/tokens",
    json={
        "subject": subject,
        "name": "Laptop",
        "roles": ${JSON.stringify(roles)},${items({ ...token }, 8)}
    },
    timeout=10,
)
response.raise_for_status()
print(response.json()["token"])  # your user gets it now: it is not shown again

response = api.get(
    f"{API}/tokens",
    params={"subject_type": subject["type"], "subject_id": subject["id"], "state": "active"},
    timeout=10,
)
response.raise_for_status()
print(len(response.json()["items"]), "active tokens")

# Revokes all of them: api.post(f"{API}/tokens/revoke", json={"subject": subject}, timeout=10)`;
