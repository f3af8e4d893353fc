import type { Command } from 'commander';
import { wholeNumber } from '../arguments.ts';
import type { Environment } from '../environment.ts';
import type { Terminal } from '../terminal.ts';
import type { DevOptions } from './run.ts';

/** `writ dev`: a server in memory for development and tests. */
export function devCommand(program: Command, environment: Environment, terminal: Terminal): void {
  program
    .command('dev [file]')
    .description('a server in memory for development and tests, seeded from a file')
    .option('--port <port>', 'its port; 0 takes any free one', port, 3000)
    .option('--exit-with <command>', 'run a command against it, and exit with its code')
    .addHelpText(
      'after',
      `
The file is writ.dev.yaml by default: resources, roles, clients and people. The
server listens on this machine only, and everything is gone when it ends.
The command gets WRIT_ISSUER, WRIT_CLIENT_ID, WRIT_CLIENT_SECRET and
WRIT_ACCESS_TOKEN of the first client; WRIT_URL and WRIT_TOKEN are for writ.
Examples:
  writ dev
  writ dev --port 0 --exit-with "npm test"`,
    )
    .action(async (file: string | undefined, options: DevOptions) => {
      const { json } = program.opts<{ json?: boolean }>();
      // The server and the parser of YAML are loaded by this command only.
      const { runDev } = await import('./run.ts');
      await runDev(environment, terminal, { file, ...options, json: json === true });
    });
}

const port = (value: string): number => (value === '0' ? 0 : wholeNumber(value, 'port'));
