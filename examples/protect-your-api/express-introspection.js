// An Express API that asks the authorization server about each token (RFC 7662).
// A token that is revoked, or whose client loses a role, is refused with the next request.
import express from 'express';

const { ISSUER, RESOURCE, CLIENT_ID, CLIENT_SECRET, PORT = '8080' } = process.env;

/** Middleware: admits requests whose token has the scope, and whose roles give the permission. */
const requires = (scope, permission) => async (request, response, next) => {
  const header = request.get('Authorization') ?? '';
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
  if (!token) return refuse(response, 401);
  let claims;
  try {
    claims = await introspect(token);
  } catch (error) {
    console.error(error);
    response.set('Retry-After', '1').status(503);
    return response.json({ error: 'temporarily_unavailable' });
  }
  // `cnf`: the token is bound to a key (RFC 9449), whose proof this API does not check.
  if (!claims.active || claims.aud !== RESOURCE || claims.cnf)
    return refuse(response, 401, 'invalid_token', 'The token is not active, or not for this API.');
  if (!claims.scope?.split(' ').includes(scope))
    return refuse(
      response,
      403,
      'insufficient_scope',
      `The token lacks the scope ${scope}.`,
      scope,
    );
  if (!allows(claims.entitlements, permission))
    return refuse(response, 403, 'insufficient_scope', `No role gives ${permission}.`);
  request.claims = claims;
  next();
};

async function introspect(token) {
  const credentials = [CLIENT_ID, CLIENT_SECRET].map(encodeURIComponent).join(':');
  const response = await fetch(`${ISSUER}/connect/introspect`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    body: new URLSearchParams({ token }),
    signal: AbortSignal.timeout(5000),
  });
  if (!response.ok) throw new Error(`introspection returned ${response.status}`);
  return response.json();
}

/** Whether one of the patterns that a token carries matches a permission: docs/permissions.md. */
function allows(entitlements = [], permission) {
  const names = permission.split('.');
  const matches = (part, name) =>
    part === '*' ||
    (part.startsWith('^')
      ? !part.slice(1).split('|').includes(name)
      : part.split('|').includes(name));
  return entitlements
    .map((pattern) => pattern.split('.'))
    .some((parts) => parts.length <= names.length && parts.every((p, i) => matches(p, names[i])));
}

/** Refuses as RFC 6750 §3 wants it. A request without a token learns no error code. */
function refuse(response, status, error, description, scope) {
  const parameters = { realm: RESOURCE, error, error_description: description, scope };
  const challenge = Object.entries(parameters)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ');
  response.status(status).set('WWW-Authenticate', `Bearer ${challenge}`);
  response.json({ error, error_description: description });
}

const app = express();
const things = [{ name: 'hammer' }];

app.get('/things', requires('things:read', 'things.read'), (request, response) => {
  response.json({ things, sub: request.claims.sub });
});

app.post(
  '/things',
  requires('things:write', 'things.write'),
  express.json(),
  (request, response) => {
    things.push({ name: String(request.body?.name) });
    response.status(201).json(things.at(-1));
  },
);

app.listen(Number(PORT), () => console.log(`Listening on port ${PORT}`));
