import { urlOf } from '../../oauth/issuer.ts';

/** What stands at the head of the document, and over each group of operations. */
export const aboutApi = (issuer: string): string =>
  `What an administrator of this authorization server can see and do, for programs. A person who is none manages
their own apps with it, and sees nothing else; somebody else’s app is answered as one that is not there. The API key of
a client opens the operations on tokens, for those that the keys of that client made.

A call carries a bearer token whose audience is \`${urlOf(issuer, '/api/v1')}\`, and each operation needs one scope. Lists come in
pages: \`next\` of one is \`after\` of the following one, until it is null. What can be changed has an \`ETag\`; sent back in
\`If-Match\`, it keeps two people from undoing each other’s changes. Fields may be added to answers, so ignore
what you do not know.

Errors have a code for programs and a sentence for people (RFC 6749 §5.2). Where one is about parameters, \`details\` lists
every problem with its place, so that a form can show each at its field: \`scope\`, \`subject.type\`, \`redirect_uris[0]\`.
Every answer of this API has an \`X-Request-Id\` that the log has too.`;

const aboutTokens = (
  issuer: string,
): string => `Tokens that a backend makes for users, devices and tenants of its own, and whatever other tokens there are.

To begin, make an **API key** for the client of your app: on the client’s page, or with \`writ api-keys create\`. It is a
value, \`writ_ak_…\`, for your backend and nobody else; it opens the operations here, for the tokens of that client, and
nothing else of this API. Then make a token for a user of yours:

\`\`\`sh
curl -s ${urlOf(issuer, '/api/v1/tokens')} -H "Authorization: Bearer $API_KEY" \\
  -H "Idempotency-Key: $(uuidgen)" \\
  --json '{"subject":{"type":"user","id":"42"},"name":"Ada’s laptop"}'
\`\`\`

The answer has the token, \`writ_tk_…\`, once. Your user sends it to your API as a bearer token, and your API asks the
introspection endpoint whose it is and what it permits.

An administrator, and a client with the scope, see the tokens of everybody here; an API key sees those that the keys of its
client made, and any other is answered as one that is not there.`;

export const aboutTags = (issuer: string): Record<string, string> => ({
  Clients: 'Those who may ask for tokens (RFC 6749 §2), and their secrets.',
  Apps: 'Clients under an owner, which people make themselves, and what happens in them.',
  'App clients': 'Those who may ask for tokens in the name of an app, and their secrets.',
  'App members': 'The people of an app, and those who were invited.',
  'App roles': 'What clients and members of apps may do.',
  Roles: 'Names, and the permissions they give.',
  Resources: 'The APIs that tokens are for (RFC 8707).',
  Accounts: 'The people that tokens can belong to, how they get in, and what they have let in.',
  Tokens: aboutTokens(issuer),
  Keys: 'What signs JWTs, and what seals secrets at rest.',
  Audit: 'Who did what, when and from where.',
  Changes: 'The feed of what ended tokens or altered what they may do.',
  Diagnostics: 'Whether the server and what it depends on are in order.',
});
