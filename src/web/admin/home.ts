import { requestLimits } from '../../../config/limits.ts';
import { adminHome, type CheckShown } from '../../../views/admin/home.ts';
import type { Audit } from '../../domain/audit/events.ts';
import type { Attention } from '../../domain/installation/attention.ts';
import type { Figures } from '../../domain/installation/figures.ts';
import type { Console } from './console.ts';

interface Dependencies {
  /** The checks of `writ doctor`. */
  diagnose: () => Promise<CheckShown[]>;
  figures: Pick<Figures, 'read'>;
  attention: Attention;
  audit: Pick<Audit, 'page'>;
}

/** Milliseconds for which the result of the checks is shown again, and that the page waits for them. */
const keptFor = 10_000;
const patience = 3_000;

/** How far back leaked values are reported. */
const leaksWithin = 7 * 86_400_000;

/**
 * Runs the checks, at most once at a time and in ten seconds. The page does not wait long for them: they ask external servers.
 * Undefined while they still run.
 */
function shared(diagnose: Dependencies['diagnose']) {
  let running: { since: number; found: Promise<{ checks: CheckShown[]; at: Date }> } | undefined;
  let isRunning = false;
  return async (): Promise<{ checks: CheckShown[]; at: Date } | undefined> => {
    if (!running || (!isRunning && performance.now() - running.since > keptFor)) {
      isRunning = true;
      const at = new Date();
      const found = diagnose()
        .then((checks) => ({ checks, at }))
        .finally(() => {
          isRunning = false;
        });
      running = { since: performance.now(), found };
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), patience);
    });
    return Promise.race([running.found, late]).finally(() => clearTimeout(timer));
  };
}

/** `/admin`: whether all is well, what needs attention, and how much happens. Its parts depend on a person's scopes. */
export function homePages(
  { page }: Console,
  { diagnose, figures, attention, audit }: Dependencies,
): void {
  const check = shared(diagnose);

  page('/admin', 'console', async (call) => {
    const { scopes } = call.actor;
    const ifScope = <Result>(
      scope: Parameters<typeof scopes.has>[0],
      read: () => Promise<Result>,
    ) => (scopes.has(scope) ? read() : undefined);
    const since = new Date(Date.now() - leaksWithin);
    const leaks = async () => {
      const pages = await Promise.all(
        ['token.leaked', 'client_secret.leaked'].map((action) =>
          audit.page({ action, since, limit: 100 }),
        ),
      );
      return pages.reduce((sum, { items }) => sum + items.length, 0);
    };
    const [found, report, secrets, logouts, streams, leaked] = await Promise.all([
      ifScope('diagnostics:read', check),
      ifScope('diagnostics:read', figures.read),
      ifScope('clients:read', attention.endingSecrets),
      ifScope('clients:read', attention.waitingLogouts),
      ifScope('clients:read', attention.failingStreams),
      ifScope('audit:read', leaks),
    ]);
    await call.show((frame) =>
      adminHome(frame, {
        health: !scopes.has('diagnostics:read') ? 'hidden' : (found?.checks ?? 'running'),
        checkedAt: found?.at,
        figures: report && {
          tokens: report.tokens,
          introspections: report.introspections,
          signIns: report.sign_ins,
          refusals: report.refusals,
        },
        refusedClients: (report?.refused_clients ?? []).map(({ client_id, count, last }) => ({
          clientId: client_id,
          count,
          last,
        })),
        limits: (report?.limits_reached ?? []).map((limit) => ({
          ...limit,
          countsFailures: countsFailures(limit.name),
        })),
        secrets: (secrets ?? []).map(({ client_id, expires_at }) => ({
          clientId: client_id,
          expiresAt: expires_at,
        })),
        logouts: (logouts ?? []).map(({ client_id, count }) => ({ clientId: client_id, count })),
        streams: (streams ?? []).map(({ id, client_id, failing_since }) => ({
          id,
          clientId: client_id,
          failingSince: failing_since,
        })),
        leaked: leaked ?? 0,
      }),
    );
  });
}

/** Whether a limit counts failed attempts: to raise it helps those who guess. */
const countsFailures = (name: string): boolean =>
  Object.entries(requestLimits).some(([one, { counts }]) => one === name && counts === 'refusals');
