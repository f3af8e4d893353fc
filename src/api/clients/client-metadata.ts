/** What a client is, as callers write and read it: RFC 7591 §2 metadata, and what is ours beside it. */
import * as z from 'zod';
import { lifetimes } from '../../../config/lifetimes.ts';
import { clientNameLength } from '../../domain/clients/rules.ts';
import type { ClientDescription } from '../../domain/clients/store.ts';
import { signingAlgs } from '../../domain/keys/signing-keys.ts';
import { distinct, resourceIdentifier, scope, shownText, text } from '../framework/input.ts';
import { count, time, warnings } from '../framework/schemas.ts';

const names = z.array(text(200)).max(50);

export const clientId = text(100).meta({
  description:
    'Unique for ever: 1 to 100 letters, digits, dots, dashes and underscores, a letter or digit first.',
  examples: ['backend'],
});

const authMethod = z.enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none']);

/** RFC 7591 §2, without what cannot be changed later. */
const metadata = {
  client_name: shownText(clientNameLength).meta({ description: 'What people call it.' }),
  client_uri: z.url().max(500).meta({ description: 'A page about it.' }),
  logo_uri: z.url().max(500).meta({ description: 'Its logo.' }),
  tos_uri: z.url().max(500).meta({ description: 'A page with its terms of service.' }),
  grant_types: names.meta({
    description: 'The grants it may use. Default: `client_credentials`; none where it is public.',
    examples: [['client_credentials']],
  }),
  response_types: names.meta({ description: '`code` for the authorization code grant.' }),
  redirect_uris: z
    .array(text(2_000))
    .max(50)
    .meta({ description: 'Where it receives authorization codes.' }),
  application_type: z.enum(['web', 'native']).meta({ description: 'OpenID Connect DCR §2.' }),
  jwks: z
    .looseObject({ keys: z.array(z.looseObject({})).max(20) })
    .meta({ description: 'Its public keys (RFC 7517 §5), for `private_key_jwt`.' }),
  jwks_uri: z
    .url({ protocol: /^https$/ })
    .max(500)
    .meta({ description: 'Where its public keys are, for `private_key_jwt`.' }),
  scope: scope.meta({
    description:
      'The scopes it may ask for, with spaces between them (RFC 6749 §3.3). Default: all of its resources.',
    examples: ['things:read things:write'],
  }),
  id_token_signed_response_alg: z.enum(signingAlgs).meta({
    description:
      'What signs its ID tokens (OpenID Connect DCR §2). Default: `RS256`, where it has a grant that people log in by.',
  }),
  access_token_ttl: count
    .min(1)
    .max(100 * 366 * 86_400)
    .meta({ description: 'Seconds that its access tokens live.' }),
  authorization_code_ttl: count
    .min(10)
    .max(lifetimes.registeredClientCode)
    .meta({
      description: `Seconds that its authorization codes live. Default: ${lifetimes.authorizationCode}.`,
    }),
  refresh_token_ttl: count
    .min(60)
    .max(100 * 366 * 86_400)
    .meta({
      description:
        'Seconds that a login lasts in all, however often it is refreshed. Default: `REFRESH_TOKEN_DAYS`.',
    }),
  refresh_token_idle_ttl: count
    .min(60)
    .max(100 * 366 * 86_400)
    .meta({
      description:
        'Seconds that a refresh token may go unused before its login ends; each refresh gives a new one then. Default: `REFRESH_TOKEN_IDLE_DAYS`.',
    }),
  rotate_refresh_tokens: z
    .boolean()
    .meta({ description: 'Whether each refresh gives a new refresh token.' }),
  device_lifetimes: z
    .array(count.min(60).max(366 * 86_400))
    .min(1)
    .max(10)
    .refine((list) => new Set(list).size === list.length, 'names a time twice')
    .meta({
      description:
        'Seconds that a login on a device may last, of which the person chooses; the first is the default.',
      examples: [[2_592_000, 86_400]],
    }),
  enforce_polling_interval: z.boolean().meta({
    description:
      'Whether a device that asks too often is told `slow_down` (RFC 8628 §3.5). Default: true.',
  }),
  token_endpoint_audience: z.boolean().meta({
    description:
      'Whether the `aud` of its assertions (`private_key_jwt`) may be the token endpoint, as older clients have it, and not the issuer alone. Default: false.',
  }),
  require_pkce: z.boolean().meta({
    description:
      'Whether every authorization request must have a `code_challenge` (RFC 7636). Public clients always need one. Where a confidential client says nothing, a `nonce` with the scope `openid` does as well (RFC 9700 §2.1.1); `false` asks for neither, for clients that can do neither.',
  }),
};

const rights = {
  roles: distinct(text(200), 50).meta({
    description: 'The roles that its tokens carry.',
    examples: [['reader']],
  }),
  resources: distinct(resourceIdentifier, 50).meta({
    description: 'The resources it may ask tokens for (RFC 8707). Default: the default one.',
  }),
  resource_server_for: distinct(resourceIdentifier, 50).meta({
    description: 'The resources whose tokens it may introspect (RFC 7662).',
  }),
};

type Shape = Record<string, z.ZodType>;
type Mapped<Fields extends Shape, Kind extends 'optional' | 'nullish'> = {
  [Name in keyof Fields]: Kind extends 'optional'
    ? z.ZodOptional<Fields[Name]>
    : z.ZodOptional<z.ZodNullable<Fields[Name]>>;
};

const each = <Fields extends Shape, Kind extends 'optional' | 'nullish'>(
  fields: Fields,
  kind: Kind,
) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field[kind]()]),
  ) as unknown as Mapped<Fields, Kind>;

export const clientCreation = z
  .strictObject({
    client_id: clientId.optional(),
    ...each(metadata, 'optional'),
    token_endpoint_auth_method: authMethod.optional().meta({
      description: 'How it authenticates; `none` makes it public. Default: `client_secret_basic`.',
    }),
    roles: rights.roles.default([]),
    resources: rights.resources.default([]),
    resource_server_for: rights.resource_server_for.default([]),
  })
  .meta({
    id: 'ClientCreation',
    description: 'RFC 7591 §2 metadata, and what Writ has beside it.',
    examples: [{ client_id: 'backend', client_name: 'The backend', roles: ['reader'] }],
  });

export const clientUpdate = z
  .strictObject({
    ...each(metadata, 'nullish'),
    token_endpoint_auth_method: authMethod.optional().meta({
      description:
        'Only `client_secret_basic` and `client_secret_post` can take each other’s place.',
    }),
    ...each(rights, 'nullish'),
  })
  .meta({
    id: 'ClientUpdate',
    description:
      'What changes; the rest stays as it is. Null removes a field, and empties a list of roles or resources (RFC 7396).',
    examples: [{ client_name: 'The new backend', logo_uri: null, roles: ['reader', 'editor'] }],
  });

const shownClient = z.object({
  client_id: clientId,
  ...each(metadata, 'optional'),
  token_endpoint_auth_method: authMethod,
  ...rights,
  app: z
    .string()
    .nullable()
    .meta({ description: 'The app that it is of, whose role it has; null where it is of none.' }),
  account_id: z.string().nullable().meta({
    description:
      'The account whose key pair it is: its tokens stand for that person, and it can be disabled and deleted, not changed. Null for all other clients.',
  }),
  author_id: z.string().nullable().meta({
    description:
      'The account that registered it for others to use, and that may change and delete it. Null for all other clients.',
  }),
  taken_over_at: time.nullable().meta({
    description:
      'When an administrator first changed a client that a person registered. Since then that person can delete it and not change it. Null where it is theirs alone, and for all other clients.',
  }),
  disabled_at: time
    .nullable()
    .meta({ description: 'Since when it gets no tokens; null where it does.' }),
  created_at: time,
  warnings,
});

export const client = shownClient.meta({ id: 'Client', description: 'A client (RFC 6749 §2).' });

export const createdClient = shownClient
  .extend({
    client_secret: z
      .string()
      .optional()
      .meta({ description: 'Its secret, shown this once; absent where it has none.' }),
  })
  .meta({ id: 'CreatedClient', description: 'A client, and the secret that it was given.' });

/** A client as it is shown: its internal id is nobody's business. */
export const describeClient = ({
  id: _id,
  metadata,
  disabled_by: _by,
  disabled_at,
  created_at,
  ...rest
}: ClientDescription) =>
  ({ ...rest, ...metadata, disabled_at, created_at }) as z.input<typeof client>;
