import type { Command } from 'commander';
import type { Json } from './api-client.ts';
import { collect, jsonObject, length, lengthOrNever, orNull } from './arguments.ts';
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
import { done, type Output, show, table } from './output.ts';
import { askFirst, type Runner } from './runner.ts';

const resourceFields: Field[] = [
  { option: 'name', name: 'name', holds: 'one' },
  { option: 'scope', name: 'scopes', holds: 'list', item: parseScope },
  { option: 'format', name: 'token_format', holds: 'one' },
  { option: 'alg', name: 'signing_alg', holds: 'one' },
  { option: 'access-token-ttl', name: 'access_token_ttl', holds: 'one' },
  { option: 'default', name: 'default', holds: 'one' },
  {
    option: 'details-type',
    name: 'authorization_details_types',
    holds: 'list',
    item: parseDetailsType,
  },
  { option: 'claims', name: 'claims', holds: 'one' },
];

/** Fields that can be empty. */
const editable = resourceFields.filter(({ option }) =>
  ['scope', 'access-token-ttl', 'details-type'].includes(option),
);

/** `writ resources`: the APIs that tokens are for. */
export function resourceCommands(program: Command, run: Runner): void {
  const resources = program.command('resources').description('the APIs that tokens are for');

  addResourceOptions(resources.command('create <identifier>'))
    .description('create a resource; its identifier is a URI, and the audience of its tokens')
    .addHelpText(
      'after',
      `
Examples:
  writ resources create https://api.acme.com --scope "things:read=See things"
  writ resources create https://db.acme.com --format jwt \\
    --details-type "database=A database=read,write"`,
    )
    .action(
      run(async ({ api, output }, identifier: string, options: PolicyOptions) =>
        showResource(
          output,
          await api.post('/resources', {
            identifier,
            ...fieldsOf(resourceFields, options),
            apps: appsIn(options),
            personal_access_tokens: personalTokensIn(options),
            self_registered_clients: selfRegisteredIn(options),
          }),
        ),
      ),
    );

  addEditOptions(addResourceOptions(resources.command('update <identifier>')), editable)
    .description('change a resource; an option replaces the values of its field')
    .addHelpText(
      'after',
      `
Examples:
  writ resources update https://api.acme.com --add "scope=things:write=Edit"
  writ resources update https://api.acme.com --apps --apps-longest-ttl 86400
  writ resources update https://api.acme.com --personal-tokens
  writ resources update https://api.acme.com --self-registered \\
    --self-registered-scope things:read`,
    )
    .action(
      run(async ({ api, output }, identifier: string, options: Edits & PolicyOptions) => {
        requireSomething(options);
        const [apps, personal] = [appsIn(options), personalTokensIn(options)];
        const selfRegistered = selfRegisteredIn(options);
        showResource(
          output,
          await api.update(pathOf(identifier), (current) => ({
            ...changesOf(resourceFields, options, current),
            apps: apps && { ...(current['apps'] as Json | null), ...apps },
            personal_access_tokens: personal && {
              ...(current['personal_access_tokens'] as Json | null),
              ...personal,
            },
            self_registered_clients: selfRegistered && {
              ...(current['self_registered_clients'] as Json | null),
              ...selfRegistered,
            },
          })),
        );
      }),
    );

  resources
    .command('list')
    .description('all resources')
    .action(
      run(async ({ api, output }) =>
        table(output, await api.list('/resources'), {
          columns: [
            'identifier',
            'name',
            'scopes',
            { title: 'format', of: ({ token_format: format }) => format },
            'default',
            { title: 'apps', of: ({ apps }) => apps !== null },
          ],
          empty: `There are no resources. Create one: ${commandName} resources create`,
        }),
      ),
    );

  resources
    .command('show <identifier>')
    .description('one resource, with its scopes')
    .action(
      run(async ({ api, output }, identifier: string) =>
        showResource(output, await api.get(pathOf(identifier))),
      ),
    );

  resources
    .command('delete <identifier>')
    .description('delete a resource that no client has')
    .option(askFirst.flags, askFirst.description)
    .action(
      run(async ({ api, output, confirm }, identifier: string, options: { yes?: boolean }) => {
        await confirm(`Delete the resource ${identifier}?`, options);
        await api.delete(pathOf(identifier));
        done(output, `The resource ${identifier} is deleted.`, { identifier, deleted: true });
      }),
    );
}

const addResourceOptions = (command: Command): Command =>
  command
    .option('--name <name>', 'its name, for people')
    .option(
      '--scope <name=sentence>',
      'a scope, and what it allows, for people (repeatable)',
      collect,
    )
    .option('--format <format>', 'opaque (default) or jwt')
    .option('--alg <alg>', 'algorithm of its JWTs: ES256 (default), RS256 or EdDSA')
    .option('--access-token-ttl <time>', 'lifetime of its access tokens: 3600, 1h, 30d', length)
    .option('--default', 'the resource of requests that name none')
    .option('--apps', 'open it to the clients of apps')
    .option('--no-apps', 'apps get no tokens for it (default)')
    .option('--apps-format <format>', 'a format that apps can choose (default: both)', collect)
    .option('--apps-longest-ttl <time>', 'maximum lifetime of their access tokens', length)
    .option(
      '--apps-longest-api-token-ttl <time>',
      'maximum lifetime of their API tokens: 90d, never',
      lengthOrNever,
    )
    .option(
      '--personal-tokens',
      'people can log in to it with writ, and create personal access tokens for it',
    )
    .option('--no-personal-tokens', 'people create none (default)')
    .option(
      '--personal-tokens-longest-ttl <time>',
      'their maximum lifetime: 90d, never',
      lengthOrNever,
    )
    .option('--personal-tokens-without <scope>', 'a scope that they cannot have', collect)
    .option('--self-registered', 'open it to clients that register themselves')
    .option('--no-self-registered', 'they get no tokens for it (default)')
    .option('--self-registered-scope <scope>', 'a scope that they can have (default: all)', collect)
    .option('--self-registered-longest-ttl <time>', 'maximum lifetime of their tokens', length)
    .option(
      '--details-type <type=text=actions>',
      'a type of thing that tokens can be limited to',
      collect,
    )
    .option(
      '--claims <json>',
      'claims from attributes of people: {"tenant":"tenant_id"}',
      jsonObject,
    );

interface AppsOptions {
  apps?: boolean;
  appsFormat?: string[];
  appsLongestTtl?: number;
  appsLongestApiTokenTtl?: number | 'never';
}

/** The policy for apps that options set: undefined if none, null for no tokens. */
function appsIn({
  apps,
  appsFormat,
  appsLongestTtl,
  appsLongestApiTokenTtl,
}: AppsOptions): Json | null | undefined {
  const given = {
    ...(appsFormat && { token_formats: appsFormat }),
    ...(appsLongestTtl !== undefined && { longest_access_token_ttl: appsLongestTtl }),
    ...(appsLongestApiTokenTtl !== undefined && {
      longest_api_token_ttl: orNull(appsLongestApiTokenTtl),
    }),
  };
  const isLimited = Object.keys(given).length > 0;
  if (apps === false && isLimited)
    throw new WrongUsage('Use --no-apps or the other options of apps, not both.');
  if (apps === false) return null;
  return apps || isLimited ? given : undefined;
}

interface PersonalTokensOptions {
  personalTokens?: boolean;
  personalTokensLongestTtl?: number | 'never';
  personalTokensWithout?: string[];
}

/** The same for personal access tokens. */
function personalTokensIn({
  personalTokens: open,
  personalTokensLongestTtl: longest,
  personalTokensWithout: withheld,
}: PersonalTokensOptions): Json | null | undefined {
  const given = {
    ...(longest !== undefined && { longest_ttl: orNull(longest) }),
    ...(withheld && { withheld_scopes: withheld }),
  };
  const isLimited = Object.keys(given).length > 0;
  if (open === false && isLimited)
    throw new WrongUsage(
      'Use --no-personal-tokens or the other options of personal tokens, not both.',
    );
  if (open === false) return null;
  return open || isLimited ? given : undefined;
}

interface SelfRegisteredOptions {
  selfRegistered?: boolean;
  selfRegisteredScope?: string[];
  selfRegisteredLongestTtl?: number;
}

/** The same for clients that register themselves. */
function selfRegisteredIn({
  selfRegistered: open,
  selfRegisteredScope: scopes,
  selfRegisteredLongestTtl: longest,
}: SelfRegisteredOptions): Json | null | undefined {
  const given = {
    ...(scopes && { scopes }),
    ...(longest !== undefined && { longest_access_token_ttl: longest }),
  };
  const isLimited = Object.keys(given).length > 0;
  if (open === false && isLimited)
    throw new WrongUsage(
      'Use --no-self-registered or the other options of such clients, not both.',
    );
  if (open === false) return null;
  return open || isLimited ? given : undefined;
}

type PolicyOptions = AppsOptions & PersonalTokensOptions & SelfRegisteredOptions;

/** On a terminal types of things are shown as scopes are: a line each. */
function showResource(output: Output, resource: Json): void {
  const types = resource['authorization_details_types'] as DetailsType[];
  const described = types.map(({ type, description, actions }) => ({
    name: type,
    description: actions.length > 0 ? `${description}: ${actions.join(', ')}` : description,
  }));
  show(output, output.json ? resource : { ...resource, authorization_details_types: described });
}

const pathOf = (identifier: string) => `/resources/${encodeURIComponent(identifier)}`;

function parseScope(text: string): Json {
  const [, name = text, description] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  return description ? { name, description } : { name };
}

interface DetailsType {
  type: string;
  description: string;
  actions: string[];
}

function parseDetailsType(text: string): DetailsType {
  const [, type = text, description = '', actions = ''] =
    /^([^=]+)=(.*?)(?:=([^=]*))?$/.exec(text) ?? [];
  return {
    type,
    description,
    actions: actions
      .split(',')
      .map((action) => action.trim())
      .filter(Boolean),
  };
}
