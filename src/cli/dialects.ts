/** `writ dialects`: which paths belong to which product, and which products the settings of this environment switch on. */
import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { table } from './output.ts';
import { outputOf } from './runner.ts';
import type { Terminal } from './terminal.ts';

export function dialectsCommand(
  program: Command,
  environment: Environment,
  terminal: Terminal,
): void {
  program
    .command('dialects')
    .description('the paths that clients of other products call, by product')
    .addHelpText(
      'after',
      `
It does not contact the server: "on" is read from DIALECTS in this environment.
Example:
  DIALECTS=squidex,bloq writ dialects`,
    )
    .action(async (_options, command: Command) => {
      // Loaded only now: most commands need neither the settings nor the server.
      const [{ loadSettings }, { dialectRouteTable }] = await Promise.all([
        import('../../config/settings.ts'),
        import('../dialects/route-table.ts'),
      ]);
      const { json = false } = command.optsWithGlobals<{ json?: boolean }>();
      const on = loadSettings(environment).DIALECTS as readonly string[];
      const rows = dialectRouteTable().map(({ method, path, dialect, features }) => ({
        method,
        path,
        dialect,
        on: on.includes(dialect),
        features,
      }));
      table(outputOf(terminal, json), rows, {
        columns: [
          'path',
          'method',
          'dialect',
          { title: 'on', of: ({ on: isOn }) => (isOn ? 'yes' : 'no') },
          { title: 'features', of: ({ features }) => (features as string[]).join(' ') },
        ],
        empty: 'There are no dialects.',
      });
    });
}
