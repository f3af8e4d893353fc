/**
 * `writ doctor`: checks this machine, the server, and the issuer as others see it, and says what to do. It works while
 * any of them is unreachable, and changes nothing.
 */
import type { Command } from 'commander';
import type { ConnectionOptions } from '../context.ts';
import type { Environment } from '../environment.ts';
import { outputOf } from '../runner.ts';
import type { Terminal } from '../terminal.ts';
import { report } from './report.ts';

export function doctorCommand(
  program: Command,
  environment: Environment,
  terminal: Terminal,
): void {
  program
    .command('doctor')
    .description('find what is wrong, and what to do about it')
    .addHelpText(
      'after',
      `
It checks the settings and files of this machine, the server and what it depends
on, and the issuer from here. Exit code 0: nothing failed.
Examples:
  writ doctor
  writ --url https://login.acme.com --token "$TOKEN" doctor --json`,
    )
    .action(async (_options, command: Command) => {
      const { json = false, ...options } = command.optsWithGlobals<
        ConnectionOptions & { json?: boolean }
      >();
      const { examine } = await import('./examine.ts');
      const areas = await examine(options, environment, new Date());
      report(outputOf(terminal, json), areas);
    });
}
