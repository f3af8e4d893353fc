import { urlOf } from '../../../oauth/issuer.ts';
import { endpoints } from '../../../oauth/paths.ts';
import { envLines, literal, secretPlaceholder } from './connecting.ts';
import { curl } from './curl.ts';

/** How a resource server checks tokens: by introspection (RFC 7662) with curl, and with the guard for Node. */
export const checkTokens = ({
  issuer,
  clientId,
  resource,
}: {
  issuer: string;
  clientId: string;
  resource: string;
}): { env: string; curl: string; node: string } => ({
  env: envLines({ issuer, clientId }),
  curl: `${curl(urlOf(issuer, endpoints.introspection), {
    client_id: clientId,
    client_secret: secretPlaceholder,
  })} \\\n  -d "token=$TOKEN"`,
  node: `import { createServer } from 'node:http';
import { createGuard } from 'writ-sdk/resource-server';

const guard = createGuard({
  issuer: process.env.OAUTH_ISSUER,
  resource: ${literal(resource)},
  client: { id: process.env.OAUTH_CLIENT_ID, secret: process.env.OAUTH_CLIENT_SECRET },
});

createServer(
  guard.protect((request, response, caller) => {
    response.end(\`Hello, \${caller.subject}\`);
  }),
).listen(8080);`,
});
