import type { Command } from 'commander';
import { done, show } from './output.ts';
import type { Runner } from './runner.ts';

/** `writ tokens`: what a token is, and its end. */
export function tokenCommands(program: Command, run: Runner): void {
  const tokens = program.command('tokens').description('what was issued');

  tokens
    .command('show <id>')
    .description('what a token is, by its id (the jti of introspection)')
    .action(
      run(async ({ api, output }, id: string) =>
        show(output, await api.get(`/tokens/${encodeURIComponent(id)}`)),
      ),
    );

  tokens
    .command('revoke <id>')
    .description('end a token, by its id')
    .action(
      run(async ({ api, output }, id: string) => {
        await api.delete(`/tokens/${encodeURIComponent(id)}`);
        done(output, `${id} has ended.`, { id, revoked: true });
      }),
    );
}
