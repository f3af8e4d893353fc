import type { Command } from 'commander';
import { idJagLifetime } from '../../config/cross-app-access.ts';
import { collect, wholeNumber } from './arguments.ts';
import { commandName } from './command-name.ts';
import {
  addEditOptions,
  changesOf,
  type Edits,
  type Field,
  fieldsOf,
  requireSomething,
} from './edits.ts';
import { done, show, table } from './output.ts';
import { askFirst, type Runner } from './runner.ts';

const accessFields: Field[] = [
  { option: 'client-id-there', name: 'client_id_there', holds: 'one' },
  { option: 'sso-client', name: 'sso_client', holds: 'one' },
  { option: 'resource', name: 'resources', holds: 'list' },
  { option: 'scope', name: 'scopes', holds: 'list' },
  { option: 'role', name: 'roles', holds: 'list', removable: true },
  { option: 'email', name: 'email', holds: 'one' },
  { option: 'lifetime', name: 'lifetime', holds: 'one' },
  { option: 'enabled', name: 'enabled', holds: 'one' },
];

const editable = accessFields.filter(({ option }) =>
  ['sso-client', 'resource', 'scope', 'role'].includes(option),
);

/** `writ cross-app-access`: at which other authorization servers clients get access for people. */
export function crossAppAccessCommands(program: Command, run: Runner): void {
  const access = program
    .command('cross-app-access')
    .description('ID-JAGs: which clients reach APIs of other authorization servers for people');

  addOptions(access.command('create <id>'))
    .description('let a client get ID-JAGs for another authorization server')
    .requiredOption('--client <client>', 'the client here')
    .requiredOption('--audience <issuer>', 'the issuer of the other server')
    .requiredOption('--client-id-there <id>', 'the client ID that the client has there')
    .addHelpText(
      'after',
      `
The client needs the grant token_exchange. No one is asked at the other server.
Example:
  writ cross-app-access create assistant-at-chat --client assistant \\
    --audience https://login.chat.example --client-id-there f53f191f \\
    --resource https://mcp.chat.example --scope chat.read --role staff`,
    )
    .action(
      run(
        async (
          { api, output },
          id: string,
          options: Edits & { client: string; audience: string },
        ) =>
          show(
            output,
            await api.post('/cross-app-access', {
              id,
              client: options.client,
              audience: options.audience,
              ...fieldsOf(accessFields, options),
            }),
          ),
      ),
    );

  addEditOptions(addOptions(access.command('update <id>')), editable)
    .option('--client-id-there <id>', 'the client ID that the client has there')
    .description('change it; an option replaces the values of its field')
    .addHelpText(
      'after',
      `
It applies to the next ID-JAG. --clear role: it is for everyone.
Examples:
  writ cross-app-access update assistant-at-chat --add scope=chat.write
  writ cross-app-access update assistant-at-chat --no-enabled`,
    )
    .action(
      run(async ({ api, output }, id: string, options: Edits) => {
        requireSomething(options);
        show(
          output,
          await api.update(pathOf(id), (current) => changesOf(accessFields, options, current)),
        );
      }),
    );

  access
    .command('list')
    .description('all of it')
    .action(
      run(async ({ api, output }) =>
        table(output, await api.list('/cross-app-access'), {
          columns: ['id', 'client', 'audience', 'scopes', 'roles', 'enabled'],
          empty: `There is none. Create it: ${commandName} cross-app-access create`,
        }),
      ),
    );

  access
    .command('show <id>')
    .description('its settings')
    .action(run(async ({ api, output }, id: string) => show(output, await api.get(pathOf(id)))));

  access
    .command('delete <id>')
    .description('delete it; the client gets no further ID-JAG')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(async ({ api, output, confirm }, id: string, options: { yes?: boolean }) => {
        await confirm(`Delete the cross-app access ${id}?`, options);
        await api.delete(pathOf(id));
        done(output, `The cross-app access ${id} is deleted.`, { id, deleted: true });
      }),
    );
}

const addOptions = (command: Command): Command =>
  command
    .option(
      '--sso-client <client>',
      'the client of the other server here, if it knows people by pairwise IDs',
    )
    .option('--resource <uri>', 'an API there that access can be for (repeatable)', collect)
    .option('--scope <scope>', 'a scope there that access can have (repeatable)', collect)
    .option(
      '--role <role>',
      'a role of which people need one (default: it is for everyone; repeatable)',
      collect,
    )
    .option('--email', 'ID-JAGs have the email address of the person')
    .option('--no-email', 'they do not (default)')
    .option(
      '--lifetime <seconds>',
      `how long they live (default: ${idJagLifetime.default})`,
      (value) => wholeNumber(value),
    )
    .option('--enabled', 'the client gets ID-JAGs (default)')
    .option('--no-enabled', 'it gets none');

const pathOf = (id: string) => `/cross-app-access/${encodeURIComponent(id)}`;
