import type Router from '@koa/router';
import * as z from 'zod';
import { reservedClientIdPrefix } from '../../config/clients.ts';
import { apiScopes } from '../../config/scopes.ts';
import type { Database } from '../../db/database.ts';
import type { ClientDescription, ClientRegistry } from '../domain/clients/registry.ts';
import type { ClientSecrets } from '../domain/clients/secrets.ts';
import { OAuthError } from '../oauth/errors.ts';
import { scopeTokens } from '../oauth/names.ts';
import type { Authenticate, Principal } from './authenticate.ts';
import {
  page,
  pathParameter,
  readBody,
  readQuery,
  resourceIdentifier,
  scope,
  text,
} from './input.ts';

interface Dependencies {
  authenticate: Authenticate;
  database: Database;
  clients: ClientRegistry;
  secrets: ClientSecrets;
  apiResource: string;
  /** Throws `invalid_client_metadata`. */
  validateMetadata: (clientId: string, metadata: Record<string, unknown>) => void;
}

const names = z.array(text(200)).max(50);

/** RFC 7591 §2 metadata, and what is ours beside it: roles, resources, lifetimes. */
const creation = z.strictObject({
  client_id: text(100).optional(),
  client_name: text(200).optional(),
  client_uri: z.url().max(500).optional(),
  logo_uri: z.url().max(500).optional(),
  grant_types: names.optional(),
  response_types: names.optional(),
  redirect_uris: z.array(text(2_000)).max(50).optional(),
  application_type: z.enum(['web', 'native']).optional(),
  token_endpoint_auth_method: z
    .enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'])
    .optional(),
  jwks: z.looseObject({ keys: z.array(z.looseObject({})).max(20) }).optional(),
  jwks_uri: z
    .url({ protocol: /^https$/ })
    .max(500)
    .optional(),
  scope: scope.optional(),
  access_token_ttl: z
    .number()
    .int()
    .min(1)
    .max(100 * 366 * 86_400)
    .optional(),
  rotate_refresh_tokens: z.boolean().optional(),
  roles: names.default([]),
  resources: z.array(resourceIdentifier).max(50).default([]),
  resource_server_for: z.array(resourceIdentifier).max(50).default([]),
});

const secretCreation = z.strictObject({
  value: text(500).optional(),
  hash: text(500).optional(),
  expires_at: z.iso
    .datetime({ offset: true })
    .transform((value) => new Date(value))
    .refine(
      (date) => date.getTime() > 0 && date.getUTCFullYear() < 10_000,
      'is not a time that can be stored',
    )
    .optional(),
});

/** What a client is that says nothing else. A public one gets no grant by its name alone (RFC 6749 §4.4). */
const standardFor = ({
  token_endpoint_auth_method: method = 'client_secret_basic',
  grant_types: grants,
}: Pick<z.output<typeof creation>, 'token_endpoint_auth_method' | 'grant_types'>) => {
  if (method === 'none' && grants?.includes('client_credentials'))
    throw new OAuthError(
      'invalid_client_metadata',
      'A public client cannot use client_credentials: it has no credentials.',
    );
  return {
    grant_types: method === 'none' ? [] : ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: method,
  };
};

/** `/clients`: those who may ask for tokens, and their secrets. */
export function clientRoutes(
  router: Router,
  { authenticate, database, clients, secrets, apiResource, validateMetadata }: Dependencies,
): void {
  const found = async (clientId: string): Promise<ClientDescription> => {
    const client = await clients.find(clientId);
    if (!client) throw noClient(clientId);
    return client;
  };

  router.post('/clients', async (ctx) => {
    const principal = await authenticate(ctx, 'clients:write');
    const {
      client_id: clientId,
      roles,
      resources,
      resource_server_for: resourceServerFor,
      ...given
    } = await readBody(ctx, creation);
    if (resources.includes(apiResource)) requireOwnScopes(principal, given.scope);
    if (resourceServerFor.includes(apiResource))
      throw new OAuthError(
        'access_denied',
        "Tokens for Writ's own API can be introspected by nobody.",
      );
    const metadata = { ...standardFor(given), ...given };
    validateMetadata(clientId ?? 'new', metadata);
    const { client, secret } = await clients.create({
      clientId,
      metadata,
      roles,
      resources,
      resourceServerFor,
    });
    ctx.status = 201;
    ctx.set('Location', `${ctx.path}/${encodeURIComponent(client.client_id)}`);
    ctx.body = { ...describe(client), ...(secret && { client_secret: secret.value }) };
  });

  router.get('/clients', async (ctx) => {
    await authenticate(ctx, 'clients:read');
    const { after, limit } = readQuery(ctx, page);
    const items = await clients.list({ after, limit });
    ctx.body = {
      items: items.map(describe),
      next: items.length === limit ? items.at(-1)?.client_id : null,
    };
  });

  router.get('/clients/:clientId', async (ctx) => {
    await authenticate(ctx, 'clients:read');
    ctx.body = describe(await found(pathParameter(ctx, 'clientId')));
  });

  for (const operation of ['disable', 'enable'] as const)
    router.post(`/clients/:clientId/${operation}`, async (ctx) => {
      await authenticate(ctx, 'clients:write');
      const clientId = pathParameter(ctx, 'clientId');
      requireNotReserved(clientId);
      if (!(await clients[operation](clientId))) throw noClient(clientId);
      ctx.body = describe(await found(clientId));
    });

  router.delete('/clients/:clientId', async (ctx) => {
    await authenticate(ctx, 'clients:write');
    const clientId = pathParameter(ctx, 'clientId');
    requireNotReserved(clientId);
    if (!(await clients.delete(clientId))) throw noClient(clientId);
    ctx.status = 204;
  });

  router.post('/clients/:clientId/secrets', async (ctx) => {
    const principal = await authenticate(ctx, 'clients:write');
    const clientId = pathParameter(ctx, 'clientId');
    requireNotReserved(clientId);
    const { value, hash, expires_at: expiresAt } = await readBody(ctx, secretCreation);
    if (value !== undefined && hash !== undefined)
      throw new OAuthError('invalid_request', 'Give the secret or its hash, not both.');
    const client = await found(clientId);
    // Whoever knows a secret has all that its client may have.
    if (client.resources.includes(apiResource))
      requireOwnScopes(principal, client.metadata['scope'] as string | undefined);
    if (['none', 'private_key_jwt'].includes(String(client.metadata['token_endpoint_auth_method'])))
      throw new OAuthError('invalid_request', 'This client does not authenticate by a secret.');
    const given = value !== undefined ? { value } : hash !== undefined ? { hash } : undefined;
    const secret = given
      ? await secrets.import(database.kysely, client.id, given, expiresAt)
      : await secrets.generate(database.kysely, client.id, expiresAt);
    ctx.status = 201;
    ctx.body =
      'value' in secret ? { ...secret, value: undefined, client_secret: secret.value } : secret;
  });

  router.get('/clients/:clientId/secrets', async (ctx) => {
    await authenticate(ctx, 'clients:read');
    const client = await found(pathParameter(ctx, 'clientId'));
    ctx.body = { items: await secrets.list(database.kysely, client.id) };
  });

  router.delete('/clients/:clientId/secrets/:secretId', async (ctx) => {
    await authenticate(ctx, 'clients:write');
    const clientId = pathParameter(ctx, 'clientId');
    requireNotReserved(clientId);
    const client = await found(clientId);
    if (!(await secrets.revoke(database.kysely, client.id, pathParameter(ctx, 'secretId'))))
      throw new OAuthError('not_found', 'The client has no such secret.');
    ctx.status = 204;
  });
}

const noClient = (clientId: string) =>
  new OAuthError('not_found', `There is no client ${clientId}.`);

/** Nobody can hand out more than they have: a client for this API gets scopes of the one who makes it. */
function requireOwnScopes({ scopes }: Principal, wanted: string | undefined): void {
  const beyond = scopeTokens(wanted).filter((token) => token in apiScopes && !scopes.has(token));
  if (beyond.length > 0)
    throw new OAuthError(
      'access_denied',
      `You cannot give a client what you do not have: ${beyond.join(' ')}`,
    );
}

/** The client that owns the operator's key: without it, nobody could undo what was done to it. */
function requireNotReserved(clientId: string): void {
  if (clientId.startsWith(reservedClientIdPrefix))
    throw new OAuthError('access_denied', `The client ${clientId} belongs to Writ itself.`);
}

function describe({
  id: _id,
  metadata,
  disabled_at,
  created_at,
  ...client
}: ClientDescription): object {
  return { ...client, ...metadata, disabled_at, created_at };
}
