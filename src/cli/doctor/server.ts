import { type Check, failed, ok } from '../../boot/check.ts';
import { createApiClient } from '../api-client.ts';
import { noServer, noToken, type Whereabouts } from '../context.ts';
import { Refusal } from '../failure.ts';
import { notFromWrit, request } from '../http.ts';
import { failedBy } from './check.ts';

/** What the server says of itself, and of what it depends on. `away`: nothing more can be asked. */
export async function checkServer({
  url,
  token,
}: Whereabouts): Promise<{ checks: Check[]; away: boolean }> {
  if (!url) return { checks: [failedBy('server', noServer())], away: true };
  const life = await checkLiveness(url.value, url.from);
  if (life.status === 'failed') return { checks: [life], away: true };
  return {
    checks: [
      life,
      ...(await checkReadiness(url.value)),
      ...(token
        ? await askDiagnostics({ url: url.value, ...token })
        : [failedBy('token', noToken(url.value))]),
    ],
    away: false,
  };
}

async function checkLiveness(url: string, from: string): Promise<Check> {
  try {
    const answer = await request(`${url}/healthz`);
    const { status } = Object(answer.json) as { status?: unknown };
    if (answer.status !== 200 || status !== 'ok') throw notFromWrit(url, answer);
    return ok('server', `${url} (named by ${from}) lives.`);
  } catch (error) {
    return failedBy('server', error);
  }
}

/** What each part of the answer of `/readyz` means where it is not `ok`. */
const notReady: Record<string, [problem: string, remedy: string]> = {
  database: [
    'The server cannot reach its database.',
    'See whether Postgres runs, and whether the DATABASE_URL of the server is right.',
  ],
  schema: [
    'The database lacks migrations that this version needs.',
    'Run "writ migrate" with the newest version.',
  ],
  clock: [
    'The clocks of the server and of its database differ.',
    'Run an NTP client (chrony, systemd-timesyncd) on both machines.',
  ],
  keys: ['The server has no keys to sign with.', 'Its log says why.'],
  serving: ['The server was told to stop.', 'Start it again, if that was not meant.'],
};

/** Parts that `/readyz` shows and that decide nothing; the diagnostics say what is wrong with them. */
const shownOnly = new Set(['redis']);

async function checkReadiness(url: string): Promise<Check[]> {
  try {
    const answer = await request(`${url}/readyz`);
    if (answer.status === 200) return [ok('ready', 'Requests can come to it.')];
    // What cannot be known follows from what else is wrong.
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
