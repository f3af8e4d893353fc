import { type Command, InvalidArgumentError } from 'commander';
import type { ApiClient } from './api-client.ts';
import { type ConnectionOptions, connect, type Environment } from './context.ts';
import type { Output } from './output.ts';

/** What a command that talks to a server is given. */
export interface Session {
  api: ApiClient;
  output: Output;
}

/** Makes a commander action of a function that wants a session. */
export type Runner = <Arguments extends unknown[]>(
  work: (session: Session, ...given: Arguments) => Promise<void>,
) => (...given: unknown[]) => Promise<void>;

/** `--url`, `--token` and `--json` may stand anywhere in the line. */
export function createRunner(environment: Environment, write: (text: string) => void): Runner {
  return (work) =>
    async (...given) => {
      const command = given.at(-1) as Command;
      const { json = false, ...options } = command.optsWithGlobals<
        ConnectionOptions & { json?: boolean }
      >();
      const session = { api: await connect(options, environment), output: { json, write } };
      await work(session, ...(given.slice(0, -1) as never));
    };
}

/** For options that may come several times. */
export const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];

/** For options that are a time in seconds. */
export function seconds(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('It is a whole number of seconds.');
  return number;
}
