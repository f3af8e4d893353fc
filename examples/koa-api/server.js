// A Koa API behind Writ. JWTs are verified offline, and refused within a second of their revocation: the guard follows the feed of
// revocations. Other tokens are introspected.
import Koa from 'koa';
import { createGuard, forKoa } from 'writ-sdk/resource-server';

const { ISSUER, RESOURCE, CLIENT_ID, CLIENT_SECRET, PORT = '8080' } = process.env;

const guard = createGuard({
  issuer: ISSUER,
  resource: RESOURCE,
  client: { id: CLIENT_ID, secret: CLIENT_SECRET },
  offline: true,
  name: 'Things',
  scopes: ['things:read', 'things:write'],
  onError: console.error,
});
const { metadata, requires } = forKoa(guard);

const needs = {
  GET: { scope: 'things:read', permission: 'things.read' },
  POST: { scope: 'things:write', permission: 'things.write' },
};
const things = [{ name: 'hammer' }];

const app = new Koa();
app.use(metadata); // /.well-known/oauth-protected-resource (RFC 9728)
app.use(requires(({ method }) => needs[method] ?? needs.POST));
app.use(async (ctx) => {
  if (ctx.path !== '/things') return;
  if (ctx.method === 'GET') ctx.body = { things, sub: ctx.state.caller.subject };
  if (ctx.method !== 'POST') return;
  let body = '';
  for await (const part of ctx.req) body += part;
  things.push({ name: String(JSON.parse(body).name) });
  ctx.status = 201;
  ctx.body = things.at(-1);
});

app.listen(Number(PORT), () => console.log(`Listening on port ${PORT}`));
