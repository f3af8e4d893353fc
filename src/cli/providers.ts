import type { Command } from 'commander';
import { providerPresets } from '../../config/identity-providers.ts';
import type { Json } from './api-client.ts';
import { collect, wholeNumber } from './arguments.ts';
import { addCheck } from './check.ts';
import { commandName } from './command-name.ts';
import {
  addEditOptions,
  changesOf,
  type Edits,
  type Field,
  fieldsOf,
  requireSomething,
} from './edits.ts';
import { WrongUsage } from './failure.ts';
import { readGiven } from './given-files.ts';
import { done, show, table } from './output.ts';
import { askFirst, type Runner } from './runner.ts';

const providerFields: Field[] = [
  { option: 'name', name: 'name', holds: 'one' },
  { option: 'issuer', name: 'issuer', holds: 'one' },
  { option: 'client-id', name: 'client_id', holds: 'one' },
  { option: 'scope', name: 'scopes', holds: 'list' },
  { option: 'domain', name: 'domains', holds: 'list' },
  { option: 'allow-domain', name: 'allowed_domains', holds: 'list' },
  { option: 'role-rule', name: 'role_rules', holds: 'list', item: parseRule },
  { option: 'second-factor-value', name: 'second_factor_values', holds: 'list' },
  { option: 'updates-profile', name: 'updates_profile', holds: 'one' },
  { option: 'trusts-email', name: 'trusts_email', holds: 'one' },
  { option: 'trusts-second-factor', name: 'trusts_second_factor', holds: 'one' },
  { option: 'sign-out', name: 'sign_out', holds: 'one' },
  { option: 'private-network', name: 'private_network', holds: 'one' },
  { option: 'enabled', name: 'enabled', holds: 'one' },
  { option: 'position', name: 'position', holds: 'one' },
];

const editable = providerFields.filter(({ option }) =>
  ['domain', 'allow-domain', 'role-rule'].includes(option),
);

interface ProviderOptions extends Edits {
  clientSecretFile?: string;
  createAccounts?: boolean;
}

/** `writ providers`: other identity providers that people can sign in with. */
export function providerCommands(program: Command, run: Runner): void {
  const providers = program
    .command('providers')
    .description('other identity providers that people can sign in with');

  addOptions(providers.command('create <id>'))
    .description('let people sign in with another identity provider')
    .option('--preset <preset>', `what is known of it: ${Object.keys(providerPresets).join(', ')}`)
    .option('--tenant <tenant>', 'for microsoft: the ID or domain of the tenant, or organizations')
    .option('--kind <kind>', 'oidc (default) or github')
    .addHelpText(
      'after',
      `
It prints the redirect URI to register at the provider.
Examples:
  writ providers create google --preset google --client-id ID \\
    --client-secret-file secret.txt
  writ providers create acme --issuer https://login.acme.com --client-id writ \\
    --client-secret-file secret.txt --domain acme.com --trusts-email \\
    --create-accounts --allow-domain acme.com --role-rule groups=editors=editor`,
    )
    .action(
      run(
        async (
          { api, output },
          id: string,
          options: ProviderOptions & { preset?: string; tenant?: string; kind?: string },
        ) =>
          show(
            output,
            await api.post('/identity-providers', {
              id,
              preset: options.preset,
              tenant: options.tenant,
              kind: options.kind,
              ...fieldsOf(providerFields, options),
              ...(await othersIn(options)),
            }),
          ),
      ),
    );

  addEditOptions(addOptions(providers.command('update <id>')), editable)
    .description('change a provider; an option replaces the values of its field')
    .option('--no-client-secret', 'it is a public client, which has no secret')
    .addHelpText(
      'after',
      `
Examples:
  writ providers update google --add allow-domain=acme.com --create-accounts
  writ providers update google --no-enabled`,
    )
    .action(
      run(
        async (
          { api, output },
          id: string,
          options: ProviderOptions & { clientSecret?: boolean },
        ) => {
          const { clientSecret, ...given } = options;
          requireSomething(clientSecret === false ? options : given);
          const others = await othersIn(options);
          show(
            output,
            await api.update(pathOf(id), (current) => ({
              ...changesOf(providerFields, options, current),
              ...others,
              ...(clientSecret === false && { client_secret: null }),
            })),
          );
        },
      ),
    );

  providers
    .command('list')
    .description('all providers, in the order of their buttons')
    .action(
      run(async ({ api, output }) =>
        table(output, await api.list('/identity-providers'), {
          columns: ['id', 'name', 'issuer', 'enabled', 'domains', 'create_accounts'],
          empty: `There are no providers. Create one: ${commandName} providers create`,
        }),
      ),
    );

  providers
    .command('show <id>')
    .description('one provider, with the addresses to register there')
    .action(run(async ({ api, output }, id: string) => show(output, await api.get(pathOf(id)))));

  addCheck(providers, run, {
    description: 'read its discovery document, and compare it with the settings',
    pathOf,
    failure: (id) => `People cannot sign in with ${id}.`,
  });

  providers
    .command('delete <id>')
    .description('delete a provider; accounts lose their identities there')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(async ({ api, output, confirm }, id: string, options: { yes?: boolean }) => {
        await confirm(`Delete the provider ${id}? Accounts lose their identities there.`, options);
        await api.delete(pathOf(id));
        done(output, `The provider ${id} is deleted.`, { id, deleted: true });
      }),
    );
}

const addOptions = (command: Command): Command =>
  command
    .option('--name <name>', 'the name on its button')
    .option('--issuer <url>', 'its issuer, or the URL of a GitHub Enterprise Server')
    .option('--client-id <id>', 'the ID of the client that you registered there')
    .option('--client-secret-file <file>', 'a file with the secret of that client')
    .option('--scope <scope>', 'a scope to request (repeatable)', collect)
    .option('--domain <domain>', 'send people with such addresses there (repeatable)', collect)
    .option('--create-accounts', 'people with a verified address of an allowed domain get one')
    .option('--no-create-accounts', 'only people with an account sign in (default)')
    .option('--allow-domain <domain>', 'a domain whose people get an account; *: all', collect)
    .option('--role-rule <rule>', 'CLAIM=VALUE=ROLE,ROLE: give roles by a claim', collect)
    .option('--updates-profile', 'each sign-in takes over the name and the picture')
    .option('--no-updates-profile', 'only a new account gets them (default)')
    .option('--trusts-email', 'an address that it calls verified is verified')
    .option('--no-trusts-email', 'its word on addresses counts for nothing')
    .option('--trusts-second-factor', 'a second factor that it asked for counts')
    .option('--no-trusts-second-factor', 'the second factor is asked for here (default)')
    .option(
      '--second-factor-value <value>',
      'of amr or acr, for two factors (default: mfa)',
      collect,
    )
    .option('--sign-out', 'signing out here also signs out there')
    .option('--no-sign-out', 'it does not (default)')
    .option('--private-network', 'it is in a private network or on this machine')
    .option('--no-private-network', 'it is on the internet (default)')
    .option('--enabled', 'people can sign in with it (default)')
    .option('--no-enabled', 'no one can sign in with it')
    .option('--position <number>', 'the order of buttons', (value) => wholeNumber(value));

async function othersIn({ clientSecretFile, createAccounts }: ProviderOptions): Promise<Json> {
  const secret = clientSecretFile && (await readGiven(clientSecretFile)).trim();
  if (secret === '') throw new WrongUsage('The file with the client secret is empty.');
  return {
    ...(secret !== undefined && { client_secret: secret }),
    ...(createAccounts !== undefined && { create_accounts: createAccounts ? 'verified' : 'no' }),
  };
}

/** A rule as `claim=value=role,role`. */
function parseRule(text: string): Json {
  const [, claim, value, roles = ''] = /^([^=]+)=(.+)=([^=]+)$/.exec(text) ?? [];
  if (!claim)
    throw new WrongUsage(
      `Expected CLAIM=VALUE=ROLES in ${JSON.stringify(text)}, such as groups=editors=editor.`,
    );
  return { claim, value, roles: roles.split(',').map((role) => role.trim()) };
}

const pathOf = (id: string) => `/identity-providers/${encodeURIComponent(id)}`;
