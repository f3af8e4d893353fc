import type { Command } from 'commander';
import { type ApiClient, createApiClient } from './api-client.ts';
import { type ConnectionOptions, findTarget } from './context.ts';
import type { Environment } from './environment.ts';
import { Failure, WrongUsage } from './failure.ts';
import type { Output } from './output.ts';
import type { Terminal } from './terminal.ts';

/** What a command that talks to a server gets. */
export interface Session {
  api: ApiClient;
  output: Output;
  /** Asks before something that cannot be undone. Throws Failure if the answer is not yes. */
  confirm: (question: string, options: { yes?: boolean }) => Promise<void>;
}

/** Makes a commander action of a function that takes a session. */
export type Runner = <Arguments extends unknown[]>(
  work: (session: Session, ...given: Arguments) => Promise<void>,
) => (...given: unknown[]) => Promise<void>;

/** `--url`, `--token` and `--json` can be anywhere in the line. */
export function createRunner(environment: Environment, terminal: Terminal): Runner {
  return (work) =>
    async (...given) => {
      const command = given.at(-1) as Command;
      const { json = false, ...options } = command.optsWithGlobals<
        ConnectionOptions & { json?: boolean }
      >();
      const { notice, ...target } = await findTarget(options, environment);
      if (notice) terminal.err(`${notice}\n`);
      const session = {
        api: createApiClient(target),
        output: outputOf(terminal, json),
        confirm: confirmOn(terminal),
      };
      await work(session, ...(given.slice(0, -1) as never));
    };
}

export const outputOf = (
  { out, err, columns, colours = false }: Terminal,
  json: boolean,
): Output => ({
  json,
  write: out,
  warn: err,
  columns,
  colours,
});

/** The option of commands that cannot be undone. */
export const askFirst = {
  flags: '-y, --yes',
  description: 'do not ask; needed without a terminal',
} as const;

const confirmOn =
  ({ ask }: Terminal): Session['confirm'] =>
  async (question, { yes = false }) => {
    if (yes) return;
    if (!ask)
      throw new WrongUsage(
        'This cannot be undone, and there is no terminal to ask on. Pass --yes to confirm.',
      );
    const answer = await ask(`${question} It cannot be undone. [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new Failure('Nothing was done.');
  };
