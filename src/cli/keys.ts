import { type Command, Option } from 'commander';
import type { Json } from './api-client.ts';
import { done, table } from './output.ts';
import { askFirst, type Runner, type Session } from './runner.ts';

/** `writ keys`: the keys that sign tokens, and those that encrypt secrets. */
export function keyCommands(program: Command, run: Runner): void {
  const keys = program.command('keys').description('the keys that sign tokens and encrypt secrets');

  keys
    .command('list')
    .description('the signing keys, with their state')
    .addHelpText(
      'after',
      `
announced: published, and signs next. signing: signs new tokens.
retired: published until the last token that it signed has expired.`,
    )
    .action(run(list));

  keys
    .command('rotate')
    .description('sign with the announced keys from now on; all tokens stay active')
    .addOption(
      new Option('--alg <alg>', 'only keys of this algorithm').choices(['ES256', 'RS256', 'EdDSA']),
    )
    .action(
      run(async (session, { alg }: { alg?: string }) => {
        await session.api.post('/keys/rotate', { alg });
        await list(session);
      }),
    );

  keys
    .command('revoke <kid>')
    .description('revoke a stolen key, and every token that it signed')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(async ({ api, output, confirm }, kid: string, options: { yes?: boolean }) => {
        await confirm(`Revoke the key ${kid} and every token that it signed?`, options);
        await api.delete(`/keys/${encodeURIComponent(kid)}`);
        done(output, `The key ${kid} and the tokens that it signed are revoked.`, {
          kid,
          revoked: true,
        });
      }),
    );

  keys
    .command('reseal')
    .description('encrypt every secret with the newest key of SECRET_KEYS')
    .action(
      run(async ({ api, output }) => {
        const answer = await api.post('/keys/reseal');
        done(output, encrypted(Number(answer['resealed'])), answer);
      }),
    );
}

const list = async ({ api, output }: Session): Promise<void> =>
  table(output, await api.list('/keys'), {
    columns: ['kid', 'alg', 'state', { title: 'since', of: since }],
    empty: 'There are no keys.',
    style: ({ state }) => (state === 'retired' ? 'dim' : undefined),
  });

/** Since when a key is in its state. */
const since = (key: Json) => key['retired_at'] ?? key['signing_since'] ?? key['created_at'];

const encrypted = (count: number): string =>
  count === 0
    ? 'Nothing to do: the newest key of SECRET_KEYS encrypts everything.'
    : `Encrypted ${count} ${count === 1 ? 'secret' : 'secrets'} with the newest key of SECRET_KEYS.`;
