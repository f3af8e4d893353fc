/** The texts of the document that belong to no single operation, in Markdown (`views/api-reference/markdown.ts`). */

import { urlOf } from '../../oauth/issuer.ts';
import { apiPrefix } from '../framework/router.ts';

/** The introduction: what is common to all operations. */
export const aboutApi = (issuer: string): string =>
  `The REST API of this authorization server, with JSON requests and responses. Administrators manage everything with it; other
people manage the apps that they are members of, and get 404 for the apps of others. With the API key of a client, a backend manages the
[tokens](${tokensPage}) that keys of this client created, and nothing else.

## Authentication

Each request carries a bearer token with the audience \`${urlOf(issuer, apiPrefix)}\`: an access token, a personal access token, or an API
key. Each operation names the scope that it requires. A client gets an access token like any other, with this API as the \`resource\`
(RFC 8707):

\`\`\`sh
npx writ clients create monitor --resource ${urlOf(issuer, apiPrefix)} --scope clients:read
curl ${urlOf(issuer, '/connect/token')} -u monitor:SECRET \\
  -d grant_type=client_credentials -d resource=${urlOf(issuer, apiPrefix)}
\`\`\`

On the machine of the server, the operator’s API key is in \`DATA_DIR/operator.json\`:

\`\`\`sh
TOKEN=$(grep -o 'writ_ak_[A-Za-z0-9]*' data/operator.json)
curl ${urlOf(issuer, '/api/v1/clients')} -H "Authorization: Bearer $TOKEN"
\`\`\`

You cannot give a client more access to this API than you have. For the APIs behind this server, \`clients:write\` grants access
to everything: with it you can create a client with any role, or add a secret to any client. Like \`roles:write\`, \`resources:write\` and
\`accounts:write\`, it is a scope for administrators.

If an API key or a personal access token expires, each response contains the time in \`Writ-Token-Expiration\`, an HTTP-date
(RFC 9110 §5.6.7).

## Lists

Every list except the change feed has the form \`{"items": […], "next": …}\`. If \`next\` is not null, send it as \`after\` to get the next
page. It is opaque, and its format can change. \`limit\` is 1 to 500 and defaults to 100. Things that are created or deleted between two
requests cause neither duplicates nor gaps.

## Concurrent changes

Things that can be changed have a strong \`ETag\` (RFC 9110 §8.8.3). Send it in \`If-Match\` to change a thing only if it has not changed
since you read it:

\`\`\`sh
curl -i ${urlOf(issuer, '/api/v1/clients/backend')} -H "Authorization: Bearer $TOKEN" | grep -i etag
curl -X PATCH ${urlOf(issuer, '/api/v1/clients/backend')} -H "Authorization: Bearer $TOKEN" \\
  -H 'If-Match: "THE-ETAG"' --json '{"client_name":"The backend"}'
\`\`\`

If it has changed, the response is 412: read it again, and repeat the request with the new ETag. Without \`If-Match\`, the last change
wins. \`If-None-Match\` on a GET returns 304 if the representation has not changed. Operations that do not support a condition refuse it
with 400 and change nothing.

## Idempotent requests

Some requests create something with a secret: an app, a client, a client secret, an API key, a token, an invitation. If the
response is lost, you cannot know whether it was created, and you cannot read the secret again. Send an \`Idempotency-Key\`
(draft-ietf-httpapi-idempotency-key-header), a new UUID for each thing, and you can repeat the request for a day: nothing more is created,
and the response contains the same thing with the same secret.

\`\`\`sh
curl ${urlOf(issuer, '/api/v1/tokens')} -H "Authorization: Bearer $API_KEY" -H "Idempotency-Key: $(uuidgen)" \\
  --json '{"subject":{"type":"user","id":"42"},"name":"A laptop"}'
\`\`\`

Keys are scoped to your token: the same key sent with another token is independent. The same key with a different path or body is refused with
422. A request that fails creates nothing and does not use up its key.

## Errors

An error has the form \`{"error": …, "error_description": …}\` (RFC 6749 §5.2): a code for programs, and a sentence for people. If the error
is about parameters, \`details\` lists every problem with its parameter, so that a form can show each at its field:

\`\`\`json
{
  "error": "invalid_request",
  "error_description": "subject.id: must be a string; colour: is not a known field",
  "details": [
    { "parameter": "subject.id", "message": "must be a string" },
    { "parameter": "colour", "message": "is not a known field" }
  ]
}
\`\`\`

Parameters are written in JavaScript notation: \`scope\`, \`subject.type\`, \`redirect_uris[0]\`. The protocol endpoints (\`/connect/…\`) return only
the first two members.

Every response has an \`X-Request-Id\`, which the log of the server contains too.

## Compatibility

Within v1, responses can get more fields; ignore fields that you do not know. Requests with unknown fields are refused.`;

/** The page of the operations on tokens in the API reference. */
const tokensPage = '/docs/tokens';

const aboutTokens = (
  issuer: string,
  appPages: boolean,
): string => `Tokens that a backend creates for its own users, devices and tenants, and all other tokens.

To start, create an **API key** for the client of your app: ${appPages ? 'on the client’s page, or ' : ''}with \`npx writ api-keys create\`. The key,
\`writ_ak_…\`, is a secret of your backend. It gives access to the operations below, for the tokens of that client, and to
nothing else in this API. Then create a token for a user:

\`\`\`sh
curl ${urlOf(issuer, '/api/v1/tokens')} -H "Authorization: Bearer $API_KEY" \\
  -H "Idempotency-Key: $(uuidgen)" \\
  --json '{"subject":{"type":"user","id":"42"},"name":"Ada’s laptop"}'
\`\`\`

The response contains the token, \`writ_tk_…\`, once. Your user sends it to your API as a bearer token, and your API asks the
introspection endpoint who it belongs to and what it permits.

Administrators, and clients with the scope, see all tokens. An API key sees only the tokens that keys of its client created; for
other tokens it gets 404.`;

/** `appPages`: whether people manage apps on pages. */
export const aboutTags = (issuer: string, appPages: boolean): Record<string, string> => ({
  Clients: 'The clients that can request tokens (RFC 6749 §2), their secrets and their API keys.',
  Apps: 'Groups of clients that people own together, with their audit events and usage.',
  'App clients': 'The clients of an app, their secrets and their API keys.',
  'App members': 'The members of an app, and invitations to it.',
  'App roles': 'The roles of the clients and members of apps.',
  Roles: 'Roles, and the permissions that they grant.',
  Resources: 'The APIs that tokens are for (RFC 8707).',
  Accounts: 'The people who can have tokens: their accounts, invitations, sessions and grants.',
  'Identity providers': 'Other providers with which people can sign in.',
  'Trusted issuers': 'Issuers whose tokens are accepted in place of secrets (RFC 7523).',
  'Cross-app access': 'Which clients get ID-JAGs, to reach APIs of other authorization servers.',
  Tokens: aboutTokens(issuer, appPages),
  Keys: 'The keys that sign JWTs, and those that encrypt secrets in the database.',
  Audit: 'Who did what, when and from where.',
  Changes: 'A feed of changes that revoke tokens or alter their permissions.',
  'Shared Signals':
    'Security events about tokens, for resource servers (OpenID Shared Signals Framework 1.0, CAEP 1.0).',
  Diagnostics: 'The state of the server and its dependencies.',
});
