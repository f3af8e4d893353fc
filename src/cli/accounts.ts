import type { Command } from 'commander';
import { findAccount, pathOfAccount } from './account-lookup.ts';
import type { ApiClient, Json } from './api-client.ts';
import { collect, jsonObject } from './arguments.ts';
import { commandName } from './command-name.ts';
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
  { option: 'given-name', name: 'given_name', holds: 'one' },
  { option: 'family-name', name: 'family_name', holds: 'one' },
  { option: 'nickname', name: 'nickname', holds: 'one' },
  { option: 'picture', name: 'picture', holds: 'one' },
  { option: 'locale', name: 'locale', holds: 'one' },
  { option: 'zoneinfo', name: 'zoneinfo', holds: 'one' },
  { option: 'phone', name: 'phone_number', holds: 'one' },
  { option: 'address', name: 'address', holds: 'one' },
  { option: 'email-verified', name: 'email_verified', holds: 'one' },
  { option: 'phone-verified', name: 'phone_number_verified', holds: 'one' },
  { option: 'attributes', name: 'attributes', holds: 'one' },
];

const noMail = {
  flags: '--no-mail',
  description: 'send no email: print the link, and pass it on yourself',
};

const lasting = ['name', 'email-verified', 'phone-verified', 'attributes'];

/** A name can be changed, but not removed. */
const editable = accountFields.filter(({ option }) => !lasting.includes(option));

/** Adds the options of what apps can read about a person, and of what administrators know. */
const addProfileOptions = (command: Command): Command =>
  command
    .option('--given-name <name>', 'their given name')
    .option('--family-name <name>', 'their family name')
    .option('--nickname <name>', 'what friends call them')
    .option('--picture <url>', 'the https URL of a picture')
    .option('--locale <tag>', 'their language: en-GB')
    .option('--zoneinfo <zone>', 'their time zone: Europe/London')
    .option('--phone <number>', 'their phone number: +442079460018')
    .option(
      '--address <json>',
      'their postal address, with the members of OpenID Connect',
      jsonObject,
    )
    .option('--email-verified', 'the email address is known to be theirs')
    .option('--no-email-verified', 'it is not')
    .option('--phone-verified', 'the phone number is known to be theirs')
    .option('--no-phone-verified', 'it is not')
    .option(
      '--attributes <json>',
      'what you want to know about them; apps do not see it',
      jsonObject,
    );

/** `writ accounts`: the people who sign in. */
export function accountCommands(program: Command, run: Runner): void {
  const accounts = program
    .command('accounts')
    .description('the people who sign in')
    .addHelpText('after', '\nACCOUNT is an account ID or an email address.');

  addProfileOptions(
    accounts
      .command('create')
      .description('create an account')
      .requiredOption('--name <name>', 'their name')
      .option('--email <address>', 'their email address')
      .option('--role <role>', 'a role of their tokens (repeatable)', collect),
  )
    .option('--no-invitation', 'create no link to choose a password')
    .option(noMail.flags, noMail.description)
    .addHelpText(
      'after',
      '\nExample:\n  writ accounts create --name Ada --email ada@example.com --role reader',
    )
    .action(
      run(async ({ api, output }, options: NewAccountOptions) => {
        const account = await api.post('/accounts', fieldsOf(accountFields, options));
        const invitation =
          options.invitation && options.email ? await invite(api, account['id'], options) : {};
        show(output, { ...account, ...invitation });
        if (!options.email) printNotSignedInYet(output);
        else if (options.invitation) printInvitationNotice(output, invitation);
      }),
    );

  accounts
    .command('list')
    .description('all accounts')
    .option('--search <words>', 'only those with these words in name or email address')
    .option('--without-second-factor', 'only those without a second factor')
    .option('--waiting', 'only those that wait for your approval (REGISTRATION=approval)')
    .action(
      run(
        async (
          { api, output },
          {
            search,
            withoutSecondFactor,
            waiting,
          }: { search?: string; withoutSecondFactor?: boolean; waiting?: boolean },
        ) => {
          const only = {
            ...(search && { search }),
            ...(withoutSecondFactor && { second_factor: 'false' }),
            ...(waiting && { waiting: 'true' }),
          };
          table(output, await api.list('/accounts', only), {
            columns: [
              ...['id', 'email', 'name', 'roles', 'second_factor'],
              waiting ? 'approval_requested_at' : 'disabled_at',
            ],
            empty: search
              ? 'No account fits.'
              : waiting
                ? 'No account waits for approval.'
                : withoutSecondFactor
                  ? 'Every account has a second factor.'
                  : `There are no accounts. Create one: ${commandName} accounts create`,
          });
        },
      ),
    );

  accounts
    .command('approve <account>')
    .description('let a person who registered sign in; they get an email')
    .action(
      run(async ({ api, output }, account: string) => {
        const { id } = await findAccount(api, account);
        const approved = await api.post(`${pathOfAccount(id)}/approve`);
        done(output, `${account} is approved.`, approved);
      }),
    );

  accounts
    .command('refuse <account>')
    .description('delete the account of a person who registered; they get an email')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(async ({ api, output, confirm }, account: string, options: { yes?: boolean }) => {
        const { id } = await findAccount(api, account);
        await confirm(`Refuse and delete the account ${account}?`, options);
        await api.post(`${pathOfAccount(id)}/refuse`);
        done(output, `${account} is refused, and the account is deleted.`, { id, refused: true });
      }),
    );

  accounts
    .command('show <account>')
    .description('one account with its second factors, by its ID or email address')
    .action(
      run(async ({ api, output }, account: string) => {
        const found = await findAccount(api, account);
        const { items, reset } = await api.get(`${pathOfAccount(found['id'])}/factors`);
        const { due_at } = (reset ?? {}) as Json;
        show(output, {
          ...found,
          factors: output.json ? items : (items as Json[]).map(factorInWords),
          ...(due_at !== undefined && { factors_reset_at: due_at }),
        });
      }),
    );

  addEditOptions(
    addProfileOptions(
      accounts
        .command('update <account>')
        .description('change an account; an option replaces the values of its field')
        .option('--name <name>', 'their name')
        .option('--email <address>', 'their email address')
        .option('--role <role>', 'a role of their tokens (repeatable)', collect),
    ),
    editable,
  )
    .addHelpText(
      'after',
      `
Examples:
  writ accounts update ada@example.com --add role=editor
  writ accounts update ada@example.com --email ada@acme.com --email-verified
  writ accounts update ada@example.com --attributes '{"tenant_id":"acme"}'`,
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
    .description('delete an account and its tokens; the ID is never used again')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(async ({ api, output, confirm }, account: string, options: { yes?: boolean }) => {
        // By its ID a deleted account can be deleted again, with the same answer.
        const id = account.includes('@') ? (await findAccount(api, account))['id'] : account;
        await confirm(`Delete the account ${account}, its personal data and its tokens?`, options);
        await api.delete(pathOfAccount(id));
        done(output, `${account} is deleted; its tokens are revoked, and its sessions closed.`, {
          id,
          deleted: true,
        });
      }),
    );

  accounts
    .command('invite <account>')
    .description(
      'create a link to choose a password, and send it if the server has a mail server; the previous one stops working',
    )
    .option(noMail.flags, noMail.description)
    .action(
      run(async ({ api, output }, account: string, options: { mail: boolean }) => {
        const { id } = await findAccount(api, account);
        const invitation = await invite(api, id, options);
        show(output, invitation);
        printInvitationNotice(output, invitation);
        say(output, 'A previous link no longer works.');
      }),
    );

  accounts
    .command('devices <account>')
    .description('their connected devices and apps')
    .addHelpText('after', '\nTo disconnect one: writ tokens revoke --grant ID')
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
          empty: `${account} has no connected devices or apps.`,
          style: ({ ended_at }) => (ended_at ? 'dim' : undefined),
        });
      }),
    );

  accounts
    .command('consents <account>')
    .description('the apps that they are not asked to allow again')
    .addHelpText('after', '\nTo withdraw one: writ accounts withdraw-consent ACCOUNT CLIENT')
    .action(
      run(async ({ api, output }, account: string) => {
        const { id } = await findAccount(api, account);
        table(output, await api.list(`${pathOfAccount(id)}/consents`), {
          columns: [
            'client_id',
            { title: 'name', of: ({ client_name }) => client_name },
            { title: 'scopes', of: scopesOf },
            'created_at',
            'updated_at',
          ],
          empty: `${account} has allowed no app.`,
        });
      }),
    );

  accounts
    .command('withdraw-consent <account> <client>')
    .description('they are asked again to allow it; its tokens for them are revoked')
    .action(
      run(async ({ api, output }, account: string, client: string) => {
        const { id } = await findAccount(api, account);
        await api.delete(`${pathOfAccount(id)}/consents/${encodeURIComponent(client)}`);
        done(output, `${account} will be asked again to allow ${client}. Its tokens are revoked.`, {
          account_id: id,
          client_id: client,
          withdrawn: true,
        });
      }),
    );

  accounts
    .command('sign-out <account>')
    .description('sign them out of all browsers; their tokens stay active')
    .action(
      run(async ({ api, output }, account: string) => {
        const { id } = await findAccount(api, account);
        await api.delete(`${pathOfAccount(id)}/sessions`);
        done(output, `${account} is signed out everywhere.`, { account_id: id, signed_out: true });
      }),
    );

  accounts
    .command('reset-factors <account>')
    .description('plan to remove the second factors of a person who has lost theirs')
    .option('--cancel', 'cancel the planned reset')
    .addHelpText(
      'after',
      '\nFirst make sure that the request comes from that person.\nThey get an email with a link that stops the reset.',
    )
    .action(
      run(async ({ api, output }, account: string, options: { cancel?: boolean }) => {
        const { id } = await findAccount(api, account);
        const path = `${pathOfAccount(id)}/factors/reset`;
        if (options.cancel) {
          await api.delete(path);
          return done(output, `The reset is cancelled: ${account} keeps their second factors.`, {
            account_id: id,
            cancelled: true,
          });
        }
        const planned = await api.post(path);
        done(
          output,
          planned['done']
            ? `The second factors of ${account} are removed, and they are signed out everywhere.`
            : `The second factors of ${account} are removed at ${planned['due_at']}. They can stop it with a link in an email, and you with --cancel.`,
          { account_id: id, ...planned },
        );
      }),
    );

  for (const [operation, past, description] of [
    ['disable', 'disabled; their tokens are revoked', 'revoke their tokens, and issue no new ones'],
    ['enable', 'enabled', 'let a disabled account sign in again'],
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

/** A second factor in a few words; --json has the rest. */
const factorInWords = ({ kind, name, left }: Json): string =>
  [
    kind === 'recovery_codes' ? `${left} recovery codes` : String(kind),
    name && JSON.stringify(name),
  ]
    .filter(Boolean)
    .join(' ');

interface NewAccountOptions {
  email?: string;
  invitation: boolean;
  mail: boolean;
}

/** Creates a link to choose a password. One that was sent is not shown. */
async function invite(api: ApiClient, id: unknown, { mail }: { mail: boolean }): Promise<Json> {
  const path = `${pathOfAccount(id)}/invitation`;
  const created = await api.create(path, mail ? {} : { send_email: false });
  const { invitation_uri, expires_at, sent_to } = created;
  return {
    ...(sent_to ? { invitation_sent_to: sent_to } : { invitation_uri }),
    invitation_expires_at: expires_at,
  };
}

const printInvitationNotice = (
  output: Output,
  { invitation_uri: link, invitation_sent_to: address }: Json,
): void =>
  say(
    output,
    address
      ? `An email with the link is on its way to ${address}. For a link to pass on yourself, add --no-mail.`
      : `Send the link only to them: it lets them choose a password, and is shown only once.\nThey sign in at ${String(link).replace(/\/invitation\/.*/, '/')}.`,
  );

const printNotSignedInYet = (output: Output): void =>
  say(
    output,
    `Without an email address they cannot sign in. Add one, then create a link to choose a password:\n  ${commandName} accounts update ID --email ADDRESS\n  ${commandName} accounts invite ID`,
  );

function say(output: Output, words: string): void {
  if (!output.json) output.write(`\n${words}\n`);
}

/** The device of a grant in a few words; --json has the rest. */
/** The scopes of a consent, of all resources. */
const scopesOf = ({ access }: Json): string =>
  [...new Set((access as { scopes: string[] }[]).flatMap(({ scopes }) => scopes))].join(' ');

const deviceOf = ({ device }: Json): unknown => {
  const { user_agent, ip } = (device ?? {}) as Json;
  return [user_agent, ip].filter(Boolean).join(', ') || null;
};
