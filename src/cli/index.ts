/**
 * AN OPERATOR'S AND A USER'S FACE: the `writ` command. Only `serve`, `migrate` and `setup` open the
 * database; everything else goes through the API, so that the server's rules hold here too.
 */
import { Command, CommanderError } from 'commander';
import { loadSettings, SettingsError } from '../../config/settings.ts';
import { openFoundation, setUp } from '../setup.ts';
import { clientCommands } from './clients.ts';
import type { Environment } from './context.ts';
import { Failure, WrongUsage } from './failure.ts';
import { resourceCommands } from './resources.ts';
import { roleCommands } from './roles.ts';
import { createRunner } from './runner.ts';
import { serve } from './serve.ts';
import { tokenCommands } from './tokens.ts';

interface Streams {
  out: (text: string) => void;
  err: (text: string) => void;
}

const standard: Streams = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
};

/** Runs a command line. Gives its exit code: 0 done, 1 refused or failed, 2 wrong usage. */
export async function run(
  args: string[],
  environment: Environment,
  streams: Streams = standard,
): Promise<number> {
  try {
    await createProgram(environment, streams).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    streams.err(`writ: ${explain(error, environment)}\n`);
    return error instanceof WrongUsage ? 2 : 1;
  }
}

/** The command line, without running anything. */
export function createProgram(environment: Environment, { out, err }: Streams): Command {
  const program = new Command('writ')
    .description('an OAuth 2.0 / OpenID Connect authorization server for API platforms')
    .option(
      '--url <url>',
      'the server to talk to (default: WRIT_URL, else that of DATA_DIR/operator.json)',
    )
    .option(
      '--token <token>',
      'the token to talk with (default: WRIT_TOKEN, else that of DATA_DIR/operator.json)',
    )
    .option('--json', 'answer in JSON')
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err })
    .showHelpAfterError('(--help shows what is possible)');

  program
    .command('serve')
    .description('start a server, by the settings in the environment')
    .action(() => serve(environment, out));

  program
    .command('migrate')
    .description("bring the database's schema up to date")
    .action(async () => {
      const { migrated, close } = await openFoundation(loadSettings(environment));
      await close();
      out(
        migrated.length > 0
          ? `Ran ${migrated.join(', ')}.\n`
          : 'Nothing to do: the schema is up to date.\n',
      );
    });

  program
    .command('setup')
    .description(
      'once for a new database: its tables, its keys, and an API key for this command in DATA_DIR/operator.json',
    )
    .action(async () => {
      const made = await setUp(loadSettings(environment));
      out(
        made
          ? 'Done. This command can talk to the server now.\n'
          : 'Nothing to do: DATA_DIR/operator.json is there already.\n',
      );
    });

  const runner = createRunner(environment, out);
  clientCommands(program, runner);
  roleCommands(program, runner);
  resourceCommands(program, runner);
  tokenCommands(program, runner);
  return program;
}

/** Errors that are meant for the one who called are told in their own words; of others the stack is told too where it is asked for. */
function explain(error: unknown, environment: Environment): string {
  if (!(error instanceof Error)) return String(error);
  const meant =
    error instanceof Failure || error instanceof WrongUsage || error instanceof SettingsError;
  return !meant && environment['LOG_LEVEL'] === 'debug'
    ? (error.stack ?? error.message)
    : describe(error);
}

function describe(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ');
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return 'The port is taken. Choose another with PORT, or stop whoever has it.';
  return error.message;
}
