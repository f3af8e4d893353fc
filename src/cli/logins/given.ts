import { type Command, Option } from 'commander';
import type { ConnectionOptions } from '../context.ts';
import type { Environment } from '../environment.ts';
import { WrongUsage } from '../failure.ts';
import type { Terminal } from '../terminal.ts';
import { issuerOf, knownServer } from './server.ts';

/** A secret from the environment, from another program, or from the person. Throws WrongUsage. */
export async function readSecret(
  variable: string,
  question: string,
  {
    environment,
    terminal,
  }: { environment: Environment; terminal: Pick<Terminal, 'ask' | 'input'> },
): Promise<string> {
  const given =
    environment[variable] ||
    (await terminal.ask?.(question, { isSecret: true })) ||
    (await terminal.input?.());
  const value = given?.trim();
  if (value && !/\s/.test(value)) return value;
  throw new WrongUsage(`Set ${variable}, or write the value to the standard input.`);
}

/** The issuer of the server that a command names, or that is known here. Throws Failure and WrongUsage. */
export async function namedIssuer(command: Command, environment: Environment): Promise<string> {
  const server = await knownServer(command.optsWithGlobals<ConnectionOptions>().url, environment);
  if (!server) throw new WrongUsage('Which server? Name it with --url or WRIT_URL.');
  return issuerOf(server);
}

/** Where the secrets of a login are kept. Without either option a login stays where it was, at first in the file. */
export const keyringOption = new Option('--keyring', "keep the tokens in the system's keyring");
export const noKeyringOption = new Option('--no-keyring', 'keep them in a file (the default)');

export interface KeyringOption {
  keyring?: boolean;
}
