import * as z from 'zod';
import type { AuditAction } from '../../../config/audit-actions.ts';
import { type ApiScope, apiKeyScopes } from '../../../config/scopes.ts';
import { apiKeyTtl, overlaps, tokenLimits } from '../../../config/tokens.ts';
import type { AppApiKeys } from '../../domain/apps/types.ts';
import type { ClientApiKeys } from '../../domain/clients/api-keys.ts';
import type { Idempotency } from '../../domain/database/idempotency.ts';
import type { Precondition } from '../../domain/database/precondition.ts';
import type {
  ApiKeyChanges,
  CreatedToken,
  NewApiKey,
  Rotation,
  ShownToken,
} from '../../domain/tokens/named/types.ts';
import type { Principal } from '../../domain/tokens/principal.ts';
import { publicId } from '../../domain/tokens/value.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { appClientPath, idOfAppClient } from '../apps/clients.ts';
import { clientPath } from '../clients/clients.ts';
import { scope } from '../framework/input.ts';
import { type Call, type Operation, operation } from '../framework/operation.ts';
import { creator, pathName, time } from '../framework/schemas.ts';
import { namedTokenFields, timeOf, tokenStatus } from '../tokens/schemas.ts';

export interface ApiKeyDependencies {
  clientApiKeys: ClientApiKeys;
  appApiKeys: AppApiKeys;
}

const fields = {
  ...namedTokenFields,
  scope: scope.meta({
    description: `The scopes of the key, separated by spaces: any of ${apiKeyScopes.map((name) => `\`${name}\``).join(' and ')}.`,
  }),
};

const creation = z
  .strictObject({
    name: fields.name,
    scope: fields.scope.optional(),
    expires_at: fields.expires_at.optional().meta({
      description: `When the key expires, in the future; null for never. Default: in ${apiKeyTtl.default / 86_400} days.`,
    }),
  })
  .meta({
    id: 'ApiKeyCreation',
    examples: [{ name: 'billing', expires_at: '2030-01-01T00:00:00Z' }],
  });

const update = z
  .strictObject({ name: fields.name.optional(), expires_at: fields.expires_at.optional() })
  .meta({
    id: 'ApiKeyUpdate',
    description: 'The fields to change; others keep their values.',
    examples: [{ name: 'billing in Berlin' }],
  });

const regeneration = z
  .strictObject({
    overlap_seconds: z.literal(overlaps).default(0).meta({
      description: 'How long the old value stays valid, in seconds; 0 revokes it immediately.',
    }),
    expires_at: fields.expires_at.optional().meta({
      description: 'When the new key expires. Default: after the same lifetime as the old key.',
    }),
  })
  .meta({ id: 'ApiKeyRegeneration', examples: [{ overlap_seconds: 3600 }] });

const shown = z.object({
  id: z.string().meta({ description: 'The public id. It is not a secret and can be logged.' }),
  name: z.string().meta({ description: 'The name of the key.' }),
  hint: z.string().nullable().meta({ description: 'The last characters of the key.' }),
  scope: z.string().meta({ description: 'The scopes of the key, separated by spaces.' }),
  state: tokenStatus,
  created_at: time.meta({ description: 'When the key was created.' }),
  expires_at: time.nullable().meta({ description: 'Null if the key never expires.' }),
  last_used_at: time.nullable().meta({ description: 'Accurate to the minute.' }),
  created_by: creator,
  replaced_by: z
    .string()
    .nullable()
    .meta({ description: 'The `id` of the key that replaces this one.' }),
});

const apiKey = shown.meta({
  id: 'ApiKey',
  description: 'An API key, without its value.',
});

const createdApiKey = shown
  .extend({
    api_key: z.string().meta({ description: 'The value of the key. It is returned only here.' }),
  })
  .meta({ id: 'CreatedApiKey' });

/** The operations on the keys of one client. */
interface KeysOfClient {
  list(): Promise<ShownToken[]>;
  find(id: string): Promise<ShownToken>;
  create(given: NewApiKey, idempotency?: Idempotency): Promise<CreatedToken>;
  update(
    id: string,
    changes: ApiKeyChanges,
    precondition: Precondition<ShownToken>,
  ): Promise<ShownToken>;
  regenerate(id: string, rotation: Rotation, idempotency?: Idempotency): Promise<CreatedToken>;
  delete(id: string, precondition: Precondition<ShownToken>): Promise<void>;
}

/** A path under which clients have API keys. */
interface Place<Path extends z.ZodObject> extends Pick<Operation, 'tag' | 'path'> {
  parameters: Path;
  /** Its part of the operation ids. */
  name: string;
  /** The noun of the summaries, with its article. */
  called: string;
  reads: ApiScope;
  writes: ApiScope;
  /** Whether reading the keys requires more than the scope. */
  guarded: boolean;
  /** The id of the client in audit events, if it is not the first parameter of the path. */
  id?: (path: Record<string, string>) => string;
  /** The keys of the client in the path, with the rights of the caller. */
  keysOf(path: z.output<Path>, principal: Principal): KeysOfClient;
}

/** The API keys of clients, with which backends create API tokens. Clients of apps have theirs below the app. */
export const apiKeyOperations = (dependencies: ApiKeyDependencies): Operation[] => [
  ...operationsAt(clientsOfNoApp(dependencies)),
  ...operationsAt(clientsOfApps(dependencies)),
];

/** `/clients/{client_id}/api-keys` */
const clientsOfNoApp = ({ clientApiKeys }: ApiKeyDependencies): Place<typeof clientPath> => ({
  tag: 'Clients',
  path: '/clients/{client_id}/api-keys',
  parameters: clientPath,
  name: 'Client',
  called: 'a client',
  reads: 'clients:read',
  writes: 'clients:write',
  guarded: false,
  keysOf: ({ client_id: clientId }, { managementActor }) => ({
    list: () => clientApiKeys.list(clientId),
    find: (...given) => clientApiKeys.find(clientId, ...given),
    create: (...given) => clientApiKeys.create(managementActor, clientId, ...given),
    update: (...given) => clientApiKeys.update(managementActor, clientId, ...given),
    regenerate: (...given) => clientApiKeys.regenerate(managementActor, clientId, ...given),
    delete: (...given) => clientApiKeys.delete(managementActor, clientId, ...given),
  }),
});

/** `/apps/{app}/clients/{client}/api-keys` */
const clientsOfApps = ({ appApiKeys }: ApiKeyDependencies): Place<typeof appClientPath> => ({
  tag: 'App clients',
  path: '/apps/{app}/clients/{client}/api-keys',
  parameters: appClientPath,
  name: 'AppClient',
  called: 'a client of an app',
  reads: 'apps:read',
  writes: 'apps:write',
  guarded: true,
  id: idOfAppClient,
  keysOf: ({ app, client }, { appActor }) => ({
    list: () => appApiKeys.list(appActor, app, client),
    find: (...given) => appApiKeys.find(appActor, app, client, ...given),
    create: (...given) => appApiKeys.create(appActor, app, client, ...given),
    update: (...given) => appApiKeys.update(appActor, app, client, ...given),
    regenerate: (...given) => appApiKeys.regenerate(appActor, app, client, ...given),
    delete: (...given) => appApiKeys.delete(appActor, app, client, ...given),
  }),
});

function operationsAt<Path extends z.ZodObject>(place: Place<Path>): Operation[] {
  const { tag, path: all, parameters, name, called, reads, writes, guarded, id } = place;
  const onAll = { tag, path: all, parameters } as const;
  const onOne = {
    tag,
    path: `${all}/{key_id}`,
    parameters: parameters.extend({
      key_id: pathName('The `id` of the API key.', `tok_${'0'.repeat(25)}`),
    }),
  } as const;
  const read = { scope: reads, ...(guarded && { errors: ['access_denied'] as const }) };
  const audited = (action: AuditAction) => ({ action, kind: 'client', ...(id && { id }) }) as const;
  const keysOf = ({ path, principal }: Call) => place.keysOf(path as z.output<Path>, principal);
  const idIn = ({ path }: Call) => (path as { key_id: string }).key_id;

  return [
    operation({
      ...onAll,
      ...read,
      method: 'get',
      operationId: `list${name}ApiKeys`,
      summary: `List the API keys of ${called}`,
      description:
        'Returns all keys on one page, newest first, without their values. Expired and revoked keys stay listed for a while.',
      response: z.object({ items: z.array(apiKey), next: z.null() }),
      handle: async (call) => {
        const keys = keysOf(call);
        return { items: (await keys.list()).map(describeApiKey), next: null };
      },
    }),

    operation({
      ...onAll,
      method: 'post',
      operationId: `create${name}ApiKey`,
      summary: `Create an API key for ${called}`,
      description: `With the key, the backend of the client creates tokens for its own users, devices and tenants (\`POST /tokens\`). The key can read and change only the tokens that keys of this client created.

A client has at most ${tokenLimits.apiKeys} valid keys.`,
      scope: writes,
      idempotency: true,
      body: creation,
      response: createdApiKey,
      success: 201,
      errors: ['access_denied', 'invalid_scope', 'conflict'],
      audit: audited('api_key.created'),
      handle: async (call) => {
        const { name, scope, expires_at: expiresAt } = call.body;
        const keys = keysOf(call);
        return describeCreated(
          await keys.create(
            { name, expiresAt, ...(scope !== undefined && { scope: scopeTokens(scope) }) },
            call.idempotency,
          ),
        );
      },
    }),

    operation({
      ...onOne,
      ...read,
      method: 'get',
      operationId: `get${name}ApiKey`,
      summary: `Get an API key of ${called}`,
      description: 'Returns the key without its value.',
      response: apiKey,
      tagged: true,
      handle: async (call) => describeApiKey(await keysOf(call).find(idIn(call))),
    }),

    operation({
      ...onOne,
      method: 'patch',
      operationId: `update${name}ApiKey`,
      summary: `Update an API key of ${called}`,
      description:
        'Changes the name or the expiry. An expired or revoked key cannot be changed, nor can the scopes of a key.',
      scope: writes,
      body: update,
      response: apiKey,
      tagged: true,
      conditions: ['If-Match'],
      errors: ['access_denied', 'conflict'],
      audit: audited('api_key.updated'),
      handle: async (call) => {
        const { name, expires_at: expiresAt } = call.body;
        const keys = keysOf(call);
        return describeApiKey(
          await keys.update(idIn(call), { name, expiresAt }, call.precondition(describeApiKey)),
        );
      },
    }),

    operation({
      ...onOne,
      method: 'post',
      path: `${onOne.path}/regenerate`,
      operationId: `regenerate${name}ApiKey`,
      summary: `Regenerate an API key of ${called}`,
      description:
        'The new key has the name and scopes of the old one, and a new `id`. The old key is revoked immediately, or stays valid for `overlap_seconds` so that you can deploy the new one without downtime. Tokens created with it stay valid.',
      scope: writes,
      idempotency: true,
      body: regeneration,
      response: createdApiKey,
      success: 201,
      errors: ['access_denied', 'conflict'],
      audit: audited('api_key.rolled'),
      handle: async (call) => {
        const { overlap_seconds: overlap, expires_at: expiresAt } = call.body;
        const keys = keysOf(call);
        return describeCreated(
          await keys.regenerate(idIn(call), { overlap, expiresAt }, call.idempotency),
        );
      },
    }),

    operation({
      ...onOne,
      method: 'delete',
      operationId: `delete${name}ApiKey`,
      summary: `Revoke an API key of ${called}`,
      description:
        'The key is revoked before the response is sent. Tokens created with it stay valid: `POST /tokens/revoke` revokes those of a subject.',
      scope: writes,
      conditions: ['If-Match'],
      errors: ['access_denied'],
      audit: audited('token.revoked'),
      handle: async (call) => {
        const keys = keysOf(call);
        await keys.delete(idIn(call), call.precondition(describeApiKey));
      },
    }),
  ];
}

const describeApiKey = (key: ShownToken): z.input<typeof apiKey> => ({
  id: publicId(key.id),
  name: key.name ?? '',
  hint: key.hint,
  scope: key.scope ?? '',
  state: key.status,
  created_at: timeOf(key.issuedAt),
  expires_at: timeOf(key.expiresAt),
  last_used_at: timeOf(key.lastUsedAt),
  created_by: key.createdBy,
  replaced_by: key.successor,
});

const describeCreated = ({ token, value }: CreatedToken) => ({
  ...describeApiKey(token),
  api_key: value,
});
