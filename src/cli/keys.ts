import { type Command, Option } from 'commander';
import type { Json } from './api-client.ts';
import { done, table } from './output.ts';
import { askFirst, type Runner, type Session } from './runner.ts';

/** `writ keys`: what signs tokens, and what seals secrets. */
export function keyCommands(program: Command, run: Runner): void {
  const keys = program.command('keys').description('what signs tokens, and what seals secrets');

  keys
    .command('list')
    .description('the keys that sign, signed and will sign')
    .addHelpText(
      'after',
      `
announced: verifiers get to know it, and it signs next. signing: it signs now.
retired: it signs no more, and stays until its last token has expired.`,
    )
    .action(run(list));

  keys
    .command('rotate')
    .description('let the announced keys sign; no token ends')
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
    .description('take out a stolen key, and end all that it signed')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(async ({ api, output, confirm }, kid: string, options: { yes?: boolean }) => {
        await confirm(`Take out the key ${kid} and end every token that it signed?`, options);
        await api.delete(`/keys/${encodeURIComponent(kid)}`);
        done(output, `The key ${kid} is taken out; the tokens that it signed have ended.`, {
          kid,
          revoked: true,
        });
      }),
    );

  keys
    .command('reseal')
    .description('seal all by the newest of SECRET_KEYS')
    .action(
      run(async ({ api, output }) => {
        const answer = await api.post('/keys/reseal');
        done(output, sealed(Number(answer['resealed'])), answer);
      }),
    );
}

const list = async ({ api, output }: Session): Promise<void> =>
  table(output, await api.list('/keys'), {
    columns: ['kid', 'alg', 'state', { title: 'since', of: since }],
    empty: 'There are no keys.',
    style: ({ state }) => (state === 'retired' ? 'dim' : undefined),
  });

/** When a key came into the state that it is in. */
const since = (key: Json) => key['retired_at'] ?? key['signing_since'] ?? key['created_at'];

const sealed = (count: number): string =>
  count === 0
    ? 'Nothing to do: the newest of SECRET_KEYS seals everything.'
    : `Sealed ${count} ${count === 1 ? 'secret' : 'secrets'} anew, by the newest of SECRET_KEYS.`;
