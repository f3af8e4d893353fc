// An Express API that verifies JWT access tokens (RFC 9068) by their signature, without asking the authorization server.
// It admits a token until it expires, also one that was revoked: keep the lifetime short.
import express from 'express';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

const { ISSUER, RESOURCE, PORT = '8080' } = process.env;

const keys = createRemoteJWKSet(new URL(`${ISSUER}/.well-known/openid-configuration/jwks`));

/** Middleware: admits requests whose token has the scope, and whose roles give the permission. */
const requires = (scope, permission) => async (request, response, next) => {
  const header = request.get('Authorization') ?? '';
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
  if (!token) return refuse(response, 401);
  let claims;
  try {
    const verified = await jwtVerify(token, keys, {
      issuer: ISSUER,
      audience: RESOURCE,
      typ: 'at+jwt',
      algorithms: ['ES256', 'RS256', 'EdDSA'],
    });
    claims = verified.payload;
  } catch (error) {
    if (isOfToken(error)) return refuse(response, 401, 'invalid_token', 'The token is not valid.');
    console.error(error);
    response.set('Retry-After', '1').status(503);
    return response.json({ error: 'temporarily_unavailable' });
  }
  // `cnf`: the token is bound to a key (RFC 9449), whose proof this API does not check.
  if (claims.cnf) return refuse(response, 401, 'invalid_token', 'The token is bound to a key.');
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

/** Whether the token is at fault. Else the keys could not be fetched. */
const isOfToken = (error) =>
  error instanceof errors.JOSEError &&
  !['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'].includes(error.code);

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
