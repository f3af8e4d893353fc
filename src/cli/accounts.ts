import type { Command } from 'commander';
import { findAccount, pathOfAccount } from './account-lookup.ts';
import { collect } from './arguments.ts';
import {
  addEditOptions,
  changesOf,
  type Edits,
  type Field,
  fieldsOf,
  requireSomething,
} from './edits.ts';
import { done, show, table } from './output.ts';
import type { Runner } from './runner.ts';

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
    .addHelpText(
      'after',
      '\nExample:\n  writ accounts create --name "Ada Lovelace" --email ada@example.com --role reader',
    )
    .action(
      run(async ({ api, output }, options: object) =>
        show(output, await api.post('/accounts', fieldsOf(accountFields, options))),
      ),
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
