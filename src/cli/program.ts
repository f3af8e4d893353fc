/**
 * THE `writ` COMMAND of operators and users. Only `serve`, `migrate` and `setup` open the database; every other command
 * goes through the API, with the rules of the server.
 */

import { Command, CommanderError } from 'commander';
import { firstAdministrator } from '../../config/administrator.ts';
import { version } from '../boot/version.ts';
import { accountCommands } from './accounts.ts';
import { apiKeyCommands } from './api-keys.ts';
import { appRoleCommands } from './app-roles.ts';
import { appCommands } from './apps.ts';
import { emailAddress } from './arguments.ts';
import { auditCommands } from './audit.ts';
import { authCommands } from './auth.ts';
import { clientTokenCommand } from './client-token.ts';
import { clientCommands } from './clients.ts';
import { completionCommand } from './completion.ts';
import { crossAppAccessCommands } from './cross-app-access.ts';
import { delegationCommands } from './delegations.ts';
import { devCommand } from './dev/index.ts';
import { dialectsCommand } from './dialects.ts';
import { doctorCommand } from './doctor/index.ts';
import type { Environment } from './environment.ts';
import { ExitWith } from './exit-with.ts';
import { initialAccessTokenCommands } from './initial-access-tokens.ts';
import { issuerCommands } from './issuers.ts';
import { jobCommands } from './jobs.ts';
import { keyCommands } from './keys.ts';
import { loginCommands } from './login.ts';
import { mailCommands } from './mails.ts';
import { providerCommands } from './providers.ts';
import { report } from './report.ts';
import { resourceCommands } from './resources.ts';
import { roleCommands } from './roles.ts';
import { createRunner } from './runner.ts';
import { settingCommands } from './settings.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { tokenCommands } from './tokens.ts';
import { afterSetup } from './welcome.ts';
import { whoamiCommand } from './whoami.ts';

/** Runs a command line. Returns its exit code: 0 done, 1 refused or failed, 2 wrong usage. */
export async function run(
  args: string[],
  environment: Environment,
  terminal: Terminal = processTerminal(environment),
): Promise<number> {
  try {
    await createProgram(environment, terminal).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof ExitWith) return error.exitCode;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return report(error, environment, terminal);
  }
}

/** The commands and their options; nothing runs yet. */
export function createProgram(environment: Environment, terminal: Terminal): Command {
  const { out, err, columns } = terminal;
  const program = new Command('writ')
    .description('an OAuth 2.0 / OpenID Connect authorization server for API platforms')
    .option('--url <url>', 'the server, or a login (default: WRIT_URL, DATA_DIR/operator.json)')
    .option('--token <token>', 'its token (default: a login, WRIT_TOKEN, DATA_DIR/operator.json)')
    .option('--json', 'print JSON')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .configureHelp({ minWidthToWrap: 30 })
    .exitOverride()
    .configureOutput({
      writeOut: out,
      writeErr: err,
      outputError: (text, write) => write(text.replace(/^error: /, 'writ: ')),
      getOutHelpWidth: () => columns ?? 80,
      getErrHelpWidth: () => columns ?? 80,
    })
    .showHelpAfterError('(--help shows the usage)')
    .addHelpText(
      'after',
      '\nStart with: writ serve, writ doctor, writ clients create demo --role reader\nIn a clone the command is "npx writ".',
    )
    .addHelpText('afterAll', ({ command }) => (reachesServer(command) ? jsonForAll : ''));

  program
    .command('serve')
    .description('start a server with the settings of the environment')
    .action(async () => {
      const { serve } = await import('./serve/index.ts');
      await serve(environment, terminal);
    });

  program
    .command('migrate')
    .description('update the schema of the database')
    .action(async () => {
      const [{ checkSettings }, { openBootstrap }] = await bootstrap();
      const settings = await checkSettings(environment, 'migrate');
      const { migrated, close } = await openBootstrap(settings);
      await close();
      out(
        migrated.length > 0
          ? `Applied ${migrated.join(', ')}.\n`
          : 'Nothing to do: the schema is up to date.\n',
      );
    });

  program
    .command('setup')
    .description('prepare a new Postgres: tables, keys, operator.json, an administrator')
    .option(
      '--email <address>',
      'email address of the first administrator',
      emailAddress,
      firstAdministrator.email,
    )
    .option('--name <name>', 'their name', firstAdministrator.name)
    .addHelpText(
      'after',
      `
If there is no active administrator, it creates one and prints a link to choose
a password. It can be repeated: what is there already stays.
Example:
  writ setup --email ada@example.com --name "Ada Lovelace"`,
    )
    .action(async (administrator: typeof firstAdministrator, command: Command) => {
      const [{ checkSettings }, { setUp }] = await bootstrap();
      const settings = await checkSettings(environment, 'setup');
      const progress = (message: string) => out(`  ${message}\n`);
      const done = await setUp(settings, { administrator, progress });
      const isNamed = command.getOptionValueSource('email') === 'cli';
      out(afterSetup(done, isNamed ? administrator.email : undefined));
    });

  devCommand(program, environment, terminal);
  loginCommands(program, environment, terminal);
  authCommands(program, environment, terminal);
  whoamiCommand(program, environment, terminal);
  clientTokenCommand(program, environment, terminal);
  doctorCommand(program, environment, terminal);
  dialectsCommand(program, environment, terminal);
  const runner = createRunner(environment, terminal);
  clientCommands(program, runner);
  initialAccessTokenCommands(program, runner);
  delegationCommands(program, runner);
  appCommands(program, runner);
  appRoleCommands(program, runner);
  roleCommands(program, runner);
  resourceCommands(program, runner);
  accountCommands(program, runner);
  providerCommands(program, runner);
  issuerCommands(program, runner);
  crossAppAccessCommands(program, runner);
  tokenCommands(program, runner);
  apiKeyCommands(program, runner);
  keyCommands(program, runner);
  auditCommands(program, runner);
  settingCommands(program, runner);
  jobCommands(program, runner);
  mailCommands(program, runner);
  completionCommand(program, out);
  return program;
}

/** What opens the database. Loaded only by the commands that do: the others start in a third of the time. */
const bootstrap = () => Promise.all([import('../boot/preflight.ts'), import('../boot/setup.ts')]);

const jsonForAll = '\n--json prints JSON; "writ --help" shows the other options of every command.';

const reachesServer = (command: Command): boolean =>
  command.commands.length === 0 &&
  !['serve', 'dev', 'migrate', 'setup', 'dialects'].includes(command.name());
