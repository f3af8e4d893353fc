import type { Command } from 'commander';
import { type ApiClient, createApiClient } from './api-client.ts';
import { type ConnectionOptions, type Environment, findTarget } from './context.ts';
import { Failure, WrongUsage } from './failure.ts';
import type { Output } from './output.ts';
import type { Terminal } from './terminal.ts';

/** What a command that talks to a server is given. */
export interface Session {
  api: ApiClient;
  output: Output;
  /** Asks before what cannot be undone. Throws where the answer is not yes. */
  confirm: (question: string, options: { yes?: boolean }) => Promise<void>;
}

/** Makes a commander action of a function that wants a session. */
export type Runner = <Arguments extends unknown[]>(
  work: (session: Session, ...given: Arguments) => Promise<void>,
) => (...given: unknown[]) => Promise<void>;

/** `--url`, `--token` and `--json` may stand anywhere in the line. */
export function createRunner(environment: Environment, terminal: Terminal): Runner {
  return (work) =>
    async (...given) => {
      const command = given.at(-1) as Command;
      const { json = false, ...options } = command.optsWithGlobals<
        ConnectionOptions & { json?: boolean }
      >();
      const session = {
        api: createApiClient(await findTarget(options, environment)),
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

/** Of what cannot be undone: the option, and what its help says. */
export const askFirst = {
  flags: '-y, --yes',
  description: 'do not ask first; needed where there is no terminal to ask on',
} as const;

const confirmOn =
  ({ ask }: Terminal): Session['confirm'] =>
  async (question, { yes = false }) => {
    if (yes) return;
    if (!ask)
      throw new WrongUsage(
        'This cannot be undone, and there is no terminal to ask on: say --yes if it is meant.',
      );
    const answer = await ask(`${question} It cannot be undone. [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new Failure('Nothing was done.');
  };
