import { setTimeout as delay } from 'node:timers/promises';
import { loadSettings } from '../../config/settings.ts';
import { grantTypes } from '../oauth/grant-types.ts';
import { urlOf } from '../oauth/issuer.ts';
import { type Server, startServer } from '../server.ts';
import type { Environment } from './context.ts';
import { welcome } from './welcome.ts';

/** Starts a server, keeps it until it is told to stop, and lets it stop without losing requests. */
export async function serve(
  environment: Environment,
  write: (text: string) => void,
): Promise<void> {
  const settings = loadSettings(environment);
  const server = await startServer(settings, {
    progress: (message) => write(`  ${message}\n`),
  });
  const told = nextSignal();
  write(`Listening on ${server.origin}\n`);
  if (server.sample) write(firstSteps(server.issuer, server.sample));
  if (server.administrator) write(welcome(server.administrator));
  if (server.sample) write(login(server.issuer, server.sample));
  await told;
  await stop(server, settings.SHUTDOWN_DELAY_SECONDS);
}

/**
 * Not ready first, while requests are still taken: a proxy asks only every few seconds. Then no more
 * are taken, and the running ones finish. Each further signal cuts the wait short that is on.
 */
async function stop(server: Server, seconds: number): Promise<void> {
  server.announceStop();
  const impatience = nextSignal();
  const waiting = new AbortController();
  const waited = delay(1000 * seconds, 'waited', { signal: waiting.signal }).catch(() => {});
  const early = (await Promise.race([waited, impatience])) !== 'waited';
  waiting.abort();
  await server.close(early ? nextSignal() : impatience);
}

/** The next signal that asks the process to end. */
const nextSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    const take = (signal: NodeJS.Signals) => {
      process.off('SIGTERM', take).off('SIGINT', take);
      resolve(signal);
    };
    process.on('SIGTERM', take).on('SIGINT', take);
  });

/** What the first start shows: the main job, ready to paste. Nothing of it is shown again. */
function firstSteps(
  issuer: string,
  { app, resourceServer, resource }: NonNullable<Server['sample']>,
): string {
  return `
This was the first start. There is a sample API, ${resource}, a client "${app.clientId}" with the role
"reader", and a resource server "${resourceServer.clientId}" that may introspect. Their secrets are shown this once.

Get a token:
  TOKEN=$(curl -s ${urlOf(issuer, '/connect/token')} -u '${app.clientId}:${app.secret}' -d grant_type=client_credentials -d scope=things:read | sed -E 's/.*"access_token":"([^"]+)".*/\\1/'); echo "$TOKEN"

Ask what it is worth, as the API would:
  curl -s ${urlOf(issuer, '/connect/introspect')} -u '${resourceServer.clientId}:${resourceServer.secret}' -d token="$TOKEN"

Revoke it, and ask again:
  curl -s ${urlOf(issuer, '/connect/revocation')} -u '${app.clientId}:${app.secret}' -d token="$TOKEN"

Make a client of your own (from this directory, in another terminal):
  npx writ clients create demo --role reader
`;
}

/** How a person logs a command line in (RFC 8628), with curl in its place. */
function login(issuer: string, { commandLine, resource }: NonNullable<Server['sample']>): string {
  const part = (of: string, name: string) =>
    `$(echo "$${of}" | sed -E 's/.*"${name}":"([^"]+)".*/\\1/')`;
  const token = `curl -s ${urlOf(issuer, '/connect/token')} -d client_id=${commandLine.clientId}`;
  return `
Then log a command line in to ${resource}. It shows an address: open it, sign in, and approve:
  DEVICE=$(curl -s ${urlOf(issuer, '/connect/deviceauthorization')} -d client_id=${commandLine.clientId} -d scope='things:read offline_access'); echo "${part('DEVICE', 'verification_uri_complete')}"

Its tokens, once you have approved, and new ones a year long:
  LOGIN=$(${token} -d grant_type=${grantTypes.deviceCode} -d device_code=${part('DEVICE', 'device_code')}); echo "$LOGIN"
  ${token} -d grant_type=${grantTypes.refreshToken} -d refresh_token=${part('LOGIN', 'refresh_token')}

A device client of your own: npx writ clients create my-cli --device

Or let the pages lead you: make an app, connect a script, and see what its role lets it do at an example API:
  ${urlOf(issuer, '/apps')}

`;
}
