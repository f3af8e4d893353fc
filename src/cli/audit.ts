import type { Command } from 'commander';
import type { Json } from './api-client.ts';
import { moment, wholeNumber } from './arguments.ts';
import { table } from './output.ts';
import type { Runner } from './runner.ts';

interface Filter {
  since?: Date;
  until?: Date;
  action?: string;
  actor?: string;
  target?: string;
  limit: number;
}

/** `writ audit`: who did what. */
export function auditCommands(program: Command, run: Runner): void {
  const audit = program.command('audit').description('who did what, when and from where');
  const time = (value: string) => moment(value, new Date());

  audit
    .command('list')
    .description('the last events, the newest at the end, as in a log')
    .option('--since <time>', 'from then on: 24h, 7d, 2026-11-01, 2026-11-01T08:30Z', time)
    .option('--until <time>', 'before then', time)
    .option('--action <action>', 'what was done, such as client.created')
    .option('--actor <id>', 'who did it: a client_id, or the id of an account')
    .option('--target <id>', 'to whom: the id of a client, account, token, role, key …')
    .option('--limit <count>', 'so many at most', (value) => wholeNumber(value), 50)
    .addHelpText(
      'after',
      `
Times without a zone are those of this machine. --json tells all of each event.
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
        table(output, newestFirst.reverse(), {
          columns: [
            { title: 'time', of: ({ at }) => at },
            { title: 'action', of: actionOf },
            { title: 'by', of: ({ actor }) => nameOf(actor as Json) },
            { title: 'to', of: ({ target }) => nameOf(target as Json | null) },
            { title: 'from', of: ({ ip }) => ip },
          ],
          precise: true,
          empty: 'Nothing of that kind was done.',
          style: ({ result }) => (result === 'refused' ? 'yellow' : undefined),
        });
      }),
    );
}

const actionOf = ({ action, result }: Json) =>
  result === 'refused' ? `${action} (refused)` : action;

const nameOf = (party: Json | null) => party?.['id'] ?? party?.['kind'];
