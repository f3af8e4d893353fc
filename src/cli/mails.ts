import type { Command } from 'commander';
import { findAccount } from './account-lookup.ts';
import { done, table } from './output.ts';
import type { Runner } from './runner.ts';

/** `writ mails`: the emails of the outbox, a trial, and sending again what failed. */
export function mailCommands(program: Command, run: Runner): void {
  const mails = program.command('mails').description('the emails of the server');

  mails
    .command('list')
    .description('the emails that wait, and the newest others')
    .action(
      run(async ({ api, output }) =>
        table(output, await api.list('/mails'), {
          columns: ['id', 'kind', 'state', 'attempts', 'created_at', 'next_attempt_at'],
          empty: 'There are no emails.',
          style: ({ state }) => (state === 'dropped' ? 'dim' : undefined),
        }),
      ),
    );

  mails
    .command('trial')
    .description('send an email, to see whether emails arrive')
    .option('--account <account>', 'the account ID or email address that gets it (default: yours)')
    .action(
      run(async ({ api, output }, { account }: { account?: string }) => {
        const accountId = account && String((await findAccount(api, account))['id']);
        await api.post('/mails/trial', { account_id: accountId });
        done(output, 'The email is queued. "writ mails list" shows whether it was sent.', {
          queued: true,
        });
      }),
    );

  mails
    .command('retry [id]')
    .description('try emails at once that the mail server did not take: one, or all')
    .action(
      run(async ({ api, output }, id?: string) => {
        const answer = await api.post('/mails/retry', { id });
        const retried = Number(answer['retried']);
        done(
          output,
          retried === 1 ? '1 email is tried again.' : `${retried} emails are tried again.`,
          answer,
        );
      }),
    );
}
