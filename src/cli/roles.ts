import type { Command } from 'commander';
import type { Json } from './api-client.ts';
import { show, table } from './output.ts';
import { collect, type Runner } from './runner.ts';

/** `writ roles`: names, and the permissions they give. */
export function roleCommands(program: Command, run: Runner): void {
  const roles = program.command('roles').description('names, and the permissions they give');

  roles
    .command('set <name>')
    .description('make a role, or give it other permissions')
    .option('--permission <permission>', 'a permission it gives (may come several times)', collect)
    .option('--description <sentence>', 'what it is for')
    .addHelpText(
      'after',
      '\nExample:\n  writ roles set editor --permission things.read --permission things.write',
    )
    .action(
      run(
        async (
          { api, output },
          name: string,
          { permission = [], description }: { permission?: string[]; description?: string },
        ) =>
          show(
            output,
            await api.put(`/roles/${encodeURIComponent(name)}`, {
              permissions: permission,
              description,
            }),
          ),
      ),
    );

  roles
    .command('list')
    .description('all roles')
    .action(
      run(async ({ api, output }) =>
        table(output, (await api.get('/roles'))['items'] as Json[], [
          'name',
          'permissions',
          'description',
        ]),
      ),
    );
}
