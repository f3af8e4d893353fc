import { type Command, InvalidArgumentError, Option } from 'commander';
import { auditActions } from '../../config/audit-actions.ts';
import { nearest } from '../oauth/nearest.ts';
import type { ApiClient, Json } from './api-client.ts';
import { moment, wholeNumber } from './arguments.ts';
import { table } from './output.ts';
import type { Runner } from './runner.ts';

interface Filter {
  since?: Date;
  until?: Date;
  action?: string;
  actor?: string;
  target?: string;
  about?: string;
  result?: string;
  limit: number;
}

/** `writ audit`: who did what. */
export function auditCommands(program: Command, run: Runner): void {
  const audit = program.command('audit').description('who did what, when and from where');
  const time = (value: string) => moment(value, new Date());

  audit
    .command('list', { isDefault: true })
    .description('the latest events, oldest first')
    .option('--since <time>', 'since then: 24h, 7d, 2026-11-01, 2026-11-01T08:30Z', time)
    .option('--until <time>', 'before then', time)
    .option('--action <action>', 'only this action, such as client.created', knownAction)
    .option('--actor <id>', 'only by this client_id or account ID')
    .option('--target <id>', 'only on this client, account, token, role, key …')
    .option('--about <id>', 'only by or on this one')
    .addOption(
      new Option('--result <result>', 'only what was done, or refused').choices([
        'success',
        'refused',
      ]),
    )
    .option('--limit <count>', 'at most this many', (value) => wholeNumber(value), 50)
    .addHelpText(
      'after',
      `
Times are in the zone of this machine. --json has all of each event, in UTC.
Examples:
  writ audit list --since 24h --action token.revoked
  writ audit list --target demo --limit 500 --json`,
    )
    .action(
      run(async ({ api, output }, { since, until, limit, ...filter }: Filter) => {
        const query = {
          ...filter,
          since: since?.toISOString(),
          until: until?.toISOString(),
        };
        const newestFirst = await api.list('/audit-events', query, limit);
        const events = newestFirst.reverse();
        const names = output.json ? new Map() : await namesIn(api, events);
        const nameOf = (party: unknown) => {
          const { id, kind } = (party ?? {}) as Json;
          return names.get(id) ?? id ?? kind;
        };
        table(output, events, {
          columns: [
            { title: 'time', of: ({ at }) => at },
            { title: 'action', of: actionOf },
            { title: 'by', of: ({ actor }) => nameOf(actor) },
            { title: 'to', of: ({ target }) => nameOf(target) },
            { title: 'from', of: ({ ip }) => ip },
          ],
          precise: true,
          empty: 'There are no such events.',
          style: ({ result }) => (result === 'refused' ? 'yellow' : undefined),
        });
      }),
    );
}

/** Parses an action. Names the nearest one, or those of the same noun, if there is none of this name. */
function knownAction(value: string): string {
  if (auditActions.includes(value)) return value;
  const meant = nearest(value, auditActions);
  const [noun = ''] = value.split('.');
  const related = auditActions.filter((action) => action.startsWith(`${noun}.`));
  throw new InvalidArgumentError(
    meant
      ? `Did you mean ${meant}?`
      : `Expected one of: ${(related.length > 0 ? related : auditActions).join(', ')}.`,
  );
}

const actionOf = ({ action, result }: Json) =>
  result === 'refused' ? `${action} (refused)` : action;

/** How many names are looked up at most: a long list with a token in each line shows the IDs of the rest. */
const maxLookups = 100;

const pathsOfKinds: Record<string, string> = { account: '/accounts', token: '/tokens' };

/** The names of the accounts and tokens in events, by ID. Whatever cannot be looked up keeps its ID. */
async function namesIn(api: ApiClient, events: Json[]): Promise<Map<unknown, unknown>> {
  const parties = events.flatMap(({ actor, target }) => [actor, target] as (Json | null)[]);
  const paths = new Map<string, string>();
  for (const party of parties) {
    const path = pathsOfKinds[String(party?.['kind'])];
    if (path && party?.['id']) paths.set(String(party['id']), path);
  }
  const looked = [...paths].slice(-maxLookups).map(async ([id, path]) => {
    const found = await api.get(`${path}/${encodeURIComponent(id)}`).catch(() => undefined);
    return [id, found?.['email'] ?? found?.['name'] ?? undefined] as const;
  });
  return new Map(await Promise.all(looked));
}
