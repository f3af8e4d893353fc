// An Express API behind Writ. Each token is introspected, those of one tick with one request: a token that is revoked, or whose
// client loses a role, is refused with the next request.
import express from 'express';
import { createGuard, forExpress } from 'writ-sdk/resource-server';

const { ISSUER, RESOURCE, CLIENT_ID, CLIENT_SECRET, PORT = '8080' } = process.env;

const guard = createGuard({
  issuer: ISSUER,
  resource: RESOURCE,
  client: { id: CLIENT_ID, secret: CLIENT_SECRET },
  name: 'Things',
  scopes: ['things:read', 'things:write'],
  onError: console.error,
});
const { metadata, requires } = forExpress(guard);

const app = express();
const things = [{ name: 'hammer' }];

app.use(metadata); // /.well-known/oauth-protected-resource (RFC 9728)

const reads = requires({ scope: 'things:read', permission: 'things.read' });
app.get('/things', reads, (request, response) => {
  response.json({ things, sub: request.caller.subject });
});

const writes = requires({ scope: 'things:write', permission: 'things.write' });
app.post('/things', writes, express.json(), (request, response) => {
  things.push({ name: String(request.body?.name) });
  response.status(201).json(things.at(-1));
});

app.listen(Number(PORT), () => console.log(`Listening on port ${PORT}`));
