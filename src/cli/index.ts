/**
 * AN OPERATOR'S AND A USER'S FACE: the `writ` command. Only `serve`, `migrate` and `setup` open the
 * database; everything else goes through the API, so that the server's rules hold here too.
 */

import { Command, CommanderError } from 'commander';
import { firstAdministrator } from '../../config/administrator.ts';
import { loadSettings, SettingsError } from '../../config/settings.ts';
import { openBootstrap, setUp } from '../boot/setup.ts';
import { version } from '../boot/version.ts';
import { SealError } from '../crypto/sealing.ts';
import { accountCommands } from './accounts.ts';
import { apiKeyCommands } from './api-keys.ts';
import { appRoleCommands } from './app-roles.ts';
import { appCommands } from './apps.ts';
import { emailAddress } from './arguments.ts';
import { auditCommands } from './audit.ts';
import { clientCommands } from './clients.ts';
import { dataDirectoryOf, type Environment } from './context.ts';
import { dialectsCommand } from './dialects.ts';
import { doctorCommand } from './doctor/index.ts';
import { Failure, WrongUsage } from './failure.ts';
import { keyCommands } from './keys.ts';
import { resourceCommands } from './resources.ts';
import { roleCommands } from './roles.ts';
import { createRunner } from './runner.ts';
import { serve } from './serve.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { tokenCommands } from './tokens.ts';
import { choosePassword } from './welcome.ts';

/** Runs a command line. Gives its exit code: 0 done, 1 refused or failed, 2 wrong usage. */
export async function run(
  args: string[],
  environment: Environment,
  terminal: Terminal = processTerminal(environment),
): Promise<number> {
  try {
    await createProgram(environment, terminal).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    terminal.err(`writ: ${explain(error, environment)}\n`);
    return error instanceof WrongUsage ? 2 : 1;
  }
}

/** The command line, without running anything. */
export function createProgram(environment: Environment, terminal: Terminal): Command {
  const { out, err, columns } = terminal;
  const program = new Command('writ')
    .description('an OAuth 2.0 / OpenID Connect authorization server for API platforms')
    .option('--url <url>', 'the server (default: WRIT_URL, else DATA_DIR/operator.json)')
    .option('--token <token>', 'its token (default: WRIT_TOKEN, else DATA_DIR/operator.json)')
    .option('--json', 'answer in JSON')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this')
    .exitOverride()
    .configureOutput({
      writeOut: out,
      writeErr: err,
      outputError: (text, write) => write(text.replace(/^error: /, 'writ: ')),
      getOutHelpWidth: () => columns ?? 80,
      getErrHelpWidth: () => columns ?? 80,
    })
    .showHelpAfterError('(--help shows what is possible)')
    .addHelpText(
      'after',
      '\nBegin with: writ serve, writ doctor, writ clients create demo --role reader',
    )
    .addHelpText('afterAll', ({ command }) => (reachesServer(command) ? jsonForAll : ''));

  program
    .command('serve')
    .description('start a server, by the settings in the environment')
    .action(() => serve(environment, out));

  program
    .command('migrate')
    .description("bring the database's schema up to date")
    .action(async () => {
      const { migrated, close } = await openBootstrap(loadSettings(environment));
      await close();
      out(
        migrated.length > 0
          ? `Ran ${migrated.join(', ')}.\n`
          : 'Nothing to do: the schema is up to date.\n',
      );
    });

  program
    .command('setup')
    .description('once for a new Postgres: make tables, keys, operator.json, an administrator')
    .option(
      '--email <address>',
      'of the first administrator',
      emailAddress,
      firstAdministrator.email,
    )
    .option('--name <name>', 'what people call them', firstAdministrator.name)
    .addHelpText(
      'after',
      `
It makes an account for the first administrator, where there is no account yet,
and prints the link at which they choose a password.
Example:
  writ setup --email ada@example.com --name "Ada Lovelace"`,
    )
    .action(async (administrator: typeof firstAdministrator) => {
      const made = await setUp(loadSettings(environment), administrator);
      out(
        made.operatorFile
          ? 'Done. This command can talk to the server now.\n'
          : 'Nothing to do: DATA_DIR/operator.json is there already.\n',
      );
      if (made.administrator) out(`\n${choosePassword(made.administrator).join('\n')}\n`);
    });

  doctorCommand(program, environment, terminal);
  dialectsCommand(program, environment, terminal);
  const runner = createRunner(environment, terminal);
  clientCommands(program, runner);
  appCommands(program, runner);
  appRoleCommands(program, runner);
  roleCommands(program, runner);
  resourceCommands(program, runner);
  accountCommands(program, runner);
  tokenCommands(program, runner);
  apiKeyCommands(program, runner);
  keyCommands(program, runner);
  auditCommands(program, runner);
  return program;
}

const jsonForAll =
  '\n--json answers in JSON; "writ --help" shows what else goes with every command.';

const reachesServer = (command: Command): boolean =>
  command.commands.length === 0 &&
  !['serve', 'migrate', 'setup', 'dialects'].includes(command.name());

/** Errors that are meant for the one who called are told in their own words; of others the stack is told too where it is asked for. */
function explain(error: unknown, environment: Environment): string {
  if (!(error instanceof Error)) return String(error);
  const meant =
    error instanceof Failure || error instanceof WrongUsage || error instanceof SettingsError;
  return !meant && environment['LOG_LEVEL'] === 'debug'
    ? (error.stack ?? error.message)
    : describe(error, environment);
}

function describe(error: Error, environment: Environment): string {
  if (error instanceof AggregateError)
    return error.errors.map((one) => describe(one, environment)).join('; ');
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return 'The port is taken. Choose another with PORT, or stop whoever has it.';
  // The embedded database has its keys in a file, unless SECRET_KEYS is set.
  if (error instanceof SealError && !environment['SECRET_KEYS'])
    return `${error.message}. ${dataDirectoryOf(environment).path}/secret-keys is not the one that this database was made with: restore it from a backup, or set SECRET_KEYS.`;
  return error.message;
}
