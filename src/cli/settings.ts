import type { Command } from 'commander';
import type { Json } from './api-client.ts';
import { table } from './output.ts';
import type { Runner } from './runner.ts';

/** `writ settings`: what a running server was started with. */
export function settingCommands(program: Command, run: Runner): void {
  program
    .command('settings')
    .description('the settings of a running server')
    .command('list')
    .description('every setting, its value and where it comes from')
    .option('--changed', 'only those that differ from their default')
    .action(
      run(async ({ api, output }, { changed = false }: { changed?: boolean }) => {
        const settings = await api.list('/settings');
        table(
          output,
          settings.filter((setting) => !changed || setting['changed']),
          {
            columns: ['name', { title: 'value', of: shown }, 'origin', 'default'],
            empty: 'Every setting has its default.',
            style: (setting) => (setting['changed'] ? 'bold' : undefined),
          },
        );
      }),
    );
}

const shown = ({ secret, value }: Json): unknown => (secret ? '(secret)' : value);
