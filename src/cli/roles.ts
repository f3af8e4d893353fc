import { type Command, Option } from 'commander';
import type { Json } from './api-client.ts';
import { collect, wholeNumber } from './arguments.ts';
import { commandName } from './command-name.ts';
import { requireSomething } from './edits.ts';
import { done, show, table } from './output.ts';
import { askFirst, type Runner } from './runner.ts';

const apiScopeWords = 'a scope of this server (repeatable)';

/** `writ roles`: sets of permissions with a name. */
export function roleCommands(program: Command, run: Runner): void {
  const roles = program.command('roles').description('sets of permissions with a name');

  roles
    .command('set <name>')
    .alias('create')
    .description('create a role, or replace its permissions')
    .option('--permission <permission>', 'a permission, such as things.read (repeatable)', collect)
    .option('--api-scope <scope>', apiScopeWords, collect)
    .option('--description <sentence>', 'what it is for')
    .addHelpText(
      'after',
      `
Examples:
  writ roles set editor --permission things.read --permission things.write
  writ roles create helpdesk --api-scope accounts:support`,
    )
    .action(
      run(
        async (
          { api, output },
          name: string,
          options: { permission?: string[]; apiScope?: string[]; description?: string },
        ) => {
          const { permission = [], apiScope, description } = options;
          const role = { permissions: permission, api_scopes: apiScope, description };
          show(output, await api.put(pathOf(name), role));
        },
      ),
    );

  roles
    .command('update <name>')
    .description(
      'change what a role is for and can do here, and whether its people need a second factor',
    )
    .option('--description <sentence>', 'what it is for')
    .option('--api-scope <scope>', apiScopeWords, collect)
    .option('--no-api-scopes', 'its people have no scope of this server')
    .addOption(
      new Option(
        '--second-factor <policy>',
        'whether people with the role must have a second factor',
      ).choices(['required', 'optional']),
    )
    .option(
      '--within-days <days>',
      'how long they have to set it up, from their first sign-in under this policy',
      wholeDays,
    )
    .addHelpText(
      'after',
      '\nExample:\n  writ roles update editor --second-factor required --within-days 14',
    )
    .action(
      run(async ({ api, output }, name: string, options: RoleChanges) => {
        const { apiScopes, ...changes } = options;
        requireSomething(apiScopes === false ? { ...changes, apiScopes } : changes);
        const { description, secondFactor, withinDays, apiScope } = options;
        const api_scopes = options.apiScopes === false ? [] : apiScope;
        show(
          output,
          await api.update(
            pathOf(name),
            ({ permissions }) => ({
              permissions,
              description,
              api_scopes,
              second_factor: secondFactor ?? (withinDays === undefined ? undefined : 'required'),
              second_factor_within_days: withinDays,
            }),
            'PUT',
          ),
        );
      }),
    );

  roles
    .command('list')
    .description('all roles')
    .action(
      run(async ({ api, output }) =>
        table(output, await api.list('/roles'), {
          columns: ['name', 'permissions', 'api_scopes', 'description'],
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

/** Parses a number of days; 0 means at once. */
const wholeDays = (value: string): number => (value === '0' ? 0 : wholeNumber(value, 'days'));

interface RoleChanges extends Json {
  description?: string;
  apiScope?: string[];
  apiScopes?: boolean;
  secondFactor?: 'required' | 'optional';
  withinDays?: number;
}

const pathOf = (name: string) => `/roles/${encodeURIComponent(name)}`;
