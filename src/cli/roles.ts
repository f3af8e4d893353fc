import type { Command } from 'commander';
import { collect } from './arguments.ts';
import { commandName } from './command-name.ts';
import { done, show, table } from './output.ts';
import { askFirst, type Runner } from './runner.ts';

/** `writ roles`: sets of permissions with a name. */
export function roleCommands(program: Command, run: Runner): void {
  const roles = program.command('roles').description('sets of permissions with a name');

  roles
    .command('set <name>')
    .description('create a role, or replace its permissions')
    .option('--permission <permission>', 'a permission, such as things.read (repeatable)', collect)
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
        ) => show(output, await api.put(pathOf(name), { permissions: permission, description })),
      ),
    );

  roles
    .command('list')
    .description('all roles')
    .action(
      run(async ({ api, output }) =>
        table(output, await api.list('/roles'), {
          columns: ['name', 'permissions', 'description'],
          empty: `There are no roles. Create one: ${commandName} roles set`,
        }),
      ),
    );

  roles
    .command('show <name>')
    .description('one role')
    .action(
      run(async ({ api, output }, name: string) => show(output, await api.get(pathOf(name)))),
    );

  roles
    .command('delete <name>')
    .description('delete a role that no client and no account has')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(async ({ api, output, confirm }, name: string, options: { yes?: boolean }) => {
        await confirm(`Delete the role ${name}?`, options);
        await api.delete(pathOf(name));
        done(output, `The role ${name} is deleted.`, { name, deleted: true });
      }),
    );
}

const pathOf = (name: string) => `/roles/${encodeURIComponent(name)}`;
