import type { Command } from 'commander';
import type { Json } from './api-client.ts';
import { table } from './output.ts';
import type { Runner } from './runner.ts';

/** `writ jobs`: how the background jobs went. */
export function jobCommands(program: Command, run: Runner): void {
  program
    .command('jobs')
    .description('what the servers do in the background')
    .command('list')
    .description('the background jobs, with their last run')
    .action(
      run(async ({ api, output }) =>
        table(output, await api.list('/jobs'), {
          columns: [
            'name',
            'state',
            'last_run_at',
            { title: 'seconds', of: ({ seconds }) => seconds },
            { title: 'result', of: ({ result }) => inWords(result) },
            { title: 'last error', of: lastError },
          ],
          empty: 'There are no jobs.',
          style: ({ state }) => (state === 'failed' ? 'red' : undefined),
        }),
      ),
    );
}

const inWords = (result: unknown): string =>
  Object.entries((result ?? {}) as Record<string, number>)
    .filter(([, number]) => number > 0)
    .map(([what, number]) => `${number} ${what}`)
    .join(', ');

const lastError = ({ last_error: error }: Json): unknown =>
  (error as { message?: string } | null)?.message;
