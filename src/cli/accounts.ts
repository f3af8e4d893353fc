import type { Command } from 'commander';
import { findAccount, pathOfAccount } from './account-lookup.ts';
import type { ApiClient, Json } from './api-client.ts';
import { collect } from './arguments.ts';
import {
  addEditOptions,
  changesOf,
  type Edits,
  type Field,
  fieldsOf,
  requireSomething,
} from './edits.ts';
import { done, type Output, show, table } from './output.ts';
import { askFirst, type Runner } from './runner.ts';

const accountFields: Field[] = [
  { option: 'name', name: 'name', holds: 'one' },
  { option: 'email', name: 'email', holds: 'one' },
  { option: 'role', name: 'roles', holds: 'list' },
];

/** A name can be changed, not taken away. */
const editable = accountFields.filter(({ option }) => option !== 'name');

/** `writ accounts`: the people that tokens can belong to. */
export function accountCommands(program: Command, run: Runner): void {
  const accounts = program
    .command('accounts')
    .description('the people that tokens can belong to')
    .addHelpText('after', '\nACCOUNT is the id of one, or an e-mail address.');

  accounts
    .command('create')
    .description('make an account')
    .requiredOption('--name <name>', 'what people call them')
    .option('--email <address>', 'their e-mail address')
    .option('--role <role>', 'a role that their tokens carry (may come several times)', collect)
    .option('--no-invitation', 'without a link by which they choose a password')
    .addHelpText(
      'after',
      '\nExample:\n  writ accounts create --name "Ada Lovelace" --email ada@example.com --role reader',
    )
    .action(
      run(async ({ api, output }, options: { email?: string; invitation: boolean }) => {
        const account = await api.post('/accounts', fieldsOf(accountFields, options));
        const invitation =
          options.invitation && options.email ? await invite(api, account['id']) : {};
        show(output, { ...account, ...invitation });
        if (!options.email) printNotSignedInYet(output);
        else if (options.invitation) sayWhatToDo(output, api.url);
      }),
    );

  accounts
    .command('list')
    .description('all accounts')
    .action(
      run(async ({ api, output }) =>
        table(output, await api.list('/accounts'), {
          columns: ['id', 'email', 'name', 'roles', 'disabled_at'],
          empty: 'There are no accounts. Make one with "writ accounts create".',
        }),
      ),
    );

  accounts
    .command('show <account>')
    .description('one account, by its id or e-mail address')
    .action(
      run(async ({ api, output }, account: string) =>
        show(output, await findAccount(api, account)),
      ),
    );

  addEditOptions(
    accounts
      .command('update <account>')
      .description('change an account; an option replaces all of it')
      .option('--name <name>', 'what people call them')
      .option('--email <address>', 'their e-mail address')
      .option('--role <role>', 'a role that their tokens carry (may come several times)', collect),
    editable,
  )
    .addHelpText(
      'after',
      `
Examples:
  writ accounts update ada@example.com --add role=editor
  writ accounts update ada@example.com --email countess@example.com`,
    )
    .action(
      run(async ({ api, output }, account: string, options: Edits) => {
        requireSomething(options);
        const { id } = await findAccount(api, account);
        show(
          output,
          await api.update(pathOfAccount(id), (current) =>
            changesOf(accountFields, options, current),
          ),
        );
      }),
    );

  accounts
    .command('delete <account>')
    .description('delete the person for good, with their tokens; nobody can have the id again')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(async ({ api, output, confirm }, account: string, options: { yes?: boolean }) => {
        // Its id is enough: once more, the account is found no more, and the answer is the same.
        const id = account.includes('@') ? (await findAccount(api, account))['id'] : account;
        await confirm(
          `Delete the account ${account}, what is personal of it, and its tokens?`,
          options,
        );
        await api.delete(pathOfAccount(id));
        done(output, `${account} is deleted; its tokens and sessions have ended.`, {
          id,
          deleted: true,
        });
      }),
    );

  accounts
    .command('invite <account>')
    .description('make a link by which they choose a password, also another one')
    .action(
      run(async ({ api, output }, account: string) => {
        const { id } = await findAccount(api, account);
        show(output, await invite(api, id));
        sayWhatToDo(output, api.url);
      }),
    );

  accounts
    .command('devices <account>')
    .description('what they have let in: devices, command lines and other clients')
    .addHelpText('after', '\n"writ tokens revoke --grant ID" ends one of them.')
    .action(
      run(async ({ api, output }, account: string) => {
        const { id } = await findAccount(api, account);
        table(output, await api.list(`${pathOfAccount(id)}/grants`), {
          columns: [
            'id',
            { title: 'client', of: ({ client_name }) => client_name },
            { title: 'device', of: deviceOf },
            'created_at',
            'last_used_at',
            'expires_at',
          ],
          empty: `${account} has let nothing in.`,
          style: ({ ended_at }) => (ended_at ? 'dim' : undefined),
        });
      }),
    );

  accounts
    .command('sign-out <account>')
    .description('end their sessions in all browsers; their tokens stay')
    .action(
      run(async ({ api, output }, account: string) => {
        const { id } = await findAccount(api, account);
        await api.delete(`${pathOfAccount(id)}/sessions`);
        done(output, `${account} is signed out everywhere.`, { account_id: id, signed_out: true });
      }),
    );

  for (const [operation, past, description] of [
    ['disable', 'disabled; their tokens have ended', 'end their tokens and let them have no more'],
    ['enable', 'enabled', 'let a disabled account have tokens again'],
  ] as const)
    accounts
      .command(`${operation} <account>`)
      .description(description)
      .action(
        run(async ({ api, output }, account: string) => {
          const { id } = await findAccount(api, account);
          const changed = await api.post(`${pathOfAccount(id)}/${operation}`);
          done(output, `${account} is ${past}.`, changed);
        }),
      );
}

/** A new link, as the answers of commands show it. */
async function invite(api: ApiClient, id: unknown): Promise<Json> {
  const { invitation_uri, expires_at } = await api.make(`${pathOfAccount(id)}/invitation`);
  return { invitation_uri, invitation_expires_at: expires_at };
}

const sayWhatToDo = (output: Output, url: string): void =>
  say(
    output,
    `Send them the link, and nobody else: with it they choose a password. It is shown this once,\nand ends the one before. They sign in at ${url}/.`,
  );

const printNotSignedInYet = (output: Output): void =>
  say(
    output,
    'Without an e-mail address they cannot sign in: "writ accounts update ID --email ADDRESS" gives\nthem one, "writ accounts invite ID" then a link to choose a password.',
  );

function say(output: Output, words: string): void {
  if (!output.json) output.write(`\n${words}\n`);
}

/** What asked to be let in, in a few words; programs can read the rest in JSON. */
const deviceOf = ({ device }: Json): unknown => {
  const { user_agent, ip } = (device ?? {}) as Json;
  return [user_agent, ip].filter(Boolean).join(', ') || null;
};
