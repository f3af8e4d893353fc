import { once } from 'node:events';
import { loadSettings } from '../../config/settings.ts';
import { type Server, startServer } from '../server.ts';
import type { Environment } from './context.ts';

/** Starts a server and keeps it until it is told to stop. */
export async function serve(
  environment: Environment,
  write: (text: string) => void,
): Promise<void> {
  const server = await startServer(loadSettings(environment), {
    progress: (message) => write(`  ${message}\n`),
  });
  write(`Listening on ${server.origin}\n`);
  if (server.sample) write(firstSteps(server.issuer, server.sample));
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  await server.close();
}

/** What the first start shows: the main job, ready to paste. Nothing of it is shown again. */
function firstSteps(
  issuer: string,
  { app, resourceServer, resource }: NonNullable<Server['sample']>,
): string {
  return `
This was the first start. There is a sample API, ${resource}, a client "${app.clientId}" with the role
"reader", and a resource server "${resourceServer.clientId}" that may introspect. Their secrets are shown this once.

Get a token:
  TOKEN=$(curl -s ${issuer}/connect/token -u '${app.clientId}:${app.secret}' -d grant_type=client_credentials -d scope=things:read | sed -E 's/.*"access_token":"([^"]+)".*/\\1/'); echo "$TOKEN"

Ask what it is worth, as the API would:
  curl -s ${issuer}/connect/introspect -u '${resourceServer.clientId}:${resourceServer.secret}' -d token="$TOKEN"

Revoke it, and ask again:
  curl -s ${issuer}/connect/revocation -u '${app.clientId}:${app.secret}' -d token="$TOKEN"

Make a client of your own (from this directory, in another terminal):
  npx writ clients create demo --role reader

`;
}
