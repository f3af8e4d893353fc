import { type Command, Option } from 'commander';
import { pathOfApp } from './app-paths.ts';
import { collect } from './arguments.ts';
import { done, show, table } from './output.ts';
import { askFirst, type Runner } from './runner.ts';

interface Definition {
  permission?: string[];
  description?: string;
  manages?: string;
}

const columns = ['name', 'permissions', 'manages', 'description'];

/** `writ apps roles`: the roles of an app. */
export function rolesOfAppCommands(apps: Command, run: Runner): void {
  const roles = apps.command('roles').description('the roles of its clients and members');

  addOptions(roles.command('set <app> <name>'))
    .description('create a role of an app, or replace its permissions')
    .addOption(
      new Option('--manages <what>', 'what members with the role can manage in the app').choices([
        'nothing',
        'clients',
      ]),
    )
    .addHelpText(
      'after',
      '\nExample:\n  writ apps roles set acme auditor --permission "*.read" --permission audit',
    )
    .action(
      run(async ({ api, output }, app: string, name: string, options: Definition) =>
        show(output, await api.put(pathOfApp(app, 'roles', name), bodyOf(options))),
      ),
    );

  roles
    .command('list <app>')
    .description('all roles of an app, the built-in ones first')
    .action(
      run(async ({ api, output }, app: string) =>
        table(output, await api.list(pathOfApp(app, 'roles')), {
          columns: [...columns, 'built_in'],
          empty: `${app} has no roles.`,
        }),
      ),
    );

  roles
    .command('show <app> <name>')
    .description('one role')
    .action(
      run(async ({ api, output }, app: string, name: string) =>
        show(output, await api.get(pathOfApp(app, 'roles', name))),
      ),
    );

  roles
    .command('delete <app> <name>')
    .description('delete a role that no client and no member has')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(
        async ({ api, output, confirm }, app: string, name: string, options: { yes?: boolean }) => {
          await confirm(`Delete the role ${name} of ${app}?`, options);
          await api.delete(pathOfApp(app, 'roles', name));
          done(output, `The role ${name} of ${app} is deleted.`, { name, deleted: true });
        },
      ),
    );
}

/** `writ app-roles`: the roles that every app has. */
export function appRoleCommands(program: Command, run: Runner): void {
  const roles = program.command('app-roles').description('the roles that every app has');

  addOptions(roles.command('set <name>'))
    .description('change the permissions of a built-in role, in all apps at once')
    .addHelpText('after', '\nExample:\n  writ app-roles set Reader --permission "*.read"')
    .action(
      run(async ({ api, output }, name: string, options: Definition) =>
        show(output, await api.put(pathOf(name), bodyOf(options))),
      ),
    );

  roles
    .command('list')
    .description('all built-in roles')
    .action(
      run(async ({ api, output }) =>
        table(output, await api.list('/app-roles'), {
          columns,
          empty: 'There are no built-in roles.',
        }),
      ),
    );

  roles
    .command('show <name>')
    .description('one built-in role')
    .action(
      run(async ({ api, output }, name: string) => show(output, await api.get(pathOf(name)))),
    );
}

const addOptions = (command: Command): Command =>
  command
    .option('--permission <pattern>', 'a permission, such as "*.read" (repeatable)', collect)
    .option('--description <sentence>', 'what it is for');

const bodyOf = ({ permission = [], description, manages }: Definition) => ({
  permissions: permission,
  description,
  manages,
});

const pathOf = (name: string) => `/app-roles/${encodeURIComponent(name)}`;
