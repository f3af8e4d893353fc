import { type Check, failed, ok } from '../../boot/check.ts';
import { createApiClient } from '../api-client.ts';
import { commandName } from '../command-name.ts';
import { noServer, noToken, type Whereabouts } from '../context.ts';
import { Refusal } from '../failure.ts';
import { notFromWrit, request } from '../http.ts';
import { failedBy } from './check.ts';

/** What the server reports about itself and its dependencies. `unreachable`: nothing more can be asked. */
export async function checkServer({
  url,
  token,
  trouble,
}: Whereabouts): Promise<{ checks: Check[]; unreachable: boolean }> {
  if (!url) return { checks: [failedBy('server', noServer())], unreachable: true };
  if (trouble) return { checks: [failedBy('server', trouble)], unreachable: true };
  const life = await checkLiveness(url.value, url.from);
  if (life.status === 'failed') return { checks: [life], unreachable: true };
  return {
    checks: [
      life,
      ...(await checkReadiness(url.value)),
      ...(token
        ? await askDiagnostics({ url: url.value, ...token })
        : [failedBy('token', noToken(url.value))]),
    ],
    unreachable: false,
  };
}

async function checkLiveness(url: string, from: string): Promise<Check> {
  try {
    const answer = await request(`${url}/healthz`);
    const { status } = Object(answer.json) as { status?: unknown };
    if (answer.status !== 200 || status !== 'ok') throw notFromWrit(url, answer);
    return ok('server', `${url} (from ${from}) is up.`);
  } catch (error) {
    return failedBy('server', error);
  }
}

/** What a part of the response of `/readyz` means if it is not `ok`. */
const notReady: Record<string, [problem: string, remedy: string]> = {
  database: [
    'The server cannot reach its database.',
    'Check that Postgres is running, and that the DATABASE_URL of the server is right.',
  ],
  schema: [
    'The database lacks migrations that this version needs.',
    `Run "${commandName} migrate" with the newest version.`,
  ],
  clock: [
    'The clocks of the server and of its database differ.',
    'Run an NTP client (chrony, systemd-timesyncd) on both machines.',
  ],
  keys: ['The server has no keys to sign with.', 'Its log says why.'],
  serving: ['The server is stopping.', 'Start it again if that is not intended.'],
};

/** Parts of `/readyz` that do not decide whether it is ready; the diagnostics report them. */
const shownOnly = new Set(['redis']);

async function checkReadiness(url: string): Promise<Check[]> {
  try {
    const answer = await request(`${url}/readyz`);
    if (answer.status === 200) return [ok('ready', 'It is ready for requests.')];
    // An unknown part is a consequence of another one.
    const wrong = Object.entries(Object(answer.json) as object).filter(
      ([part, state]) => !shownOnly.has(part) && state !== 'ok' && state !== 'unknown',
    );
    if (answer.status !== 503 || wrong.length === 0) throw notFromWrit(url, answer);
    return wrong.map(([part, state]) =>
      failed(
        'ready',
        ...(notReady[part] ?? [`It is not ready: ${part} is ${state}.`, 'Its log says why.']),
      ),
    );
  } catch (error) {
    return [failedBy('ready', error)];
  }
}

async function askDiagnostics(target: Parameters<typeof createApiClient>[0]): Promise<Check[]> {
  try {
    const { checks } = await createApiClient(target).get('/diagnostics');
    return [
      ok('token', `The server accepts ${target.tokenFrom}.`),
      ...(Array.isArray(checks) ? (checks as Check[]) : []),
    ];
  } catch (error) {
    const refused = error instanceof Refusal && (error.status === 401 || error.status === 403);
    return [failedBy(refused ? 'token' : 'diagnostics', error)];
  }
}
