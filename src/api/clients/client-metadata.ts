/** The schemas of clients: the metadata of RFC 7591 §2, and the fields that only Writ has. */
import * as z from 'zod';
import { lifetimes } from '../../../config/lifetimes.ts';
import { clientNameLength } from '../../domain/clients/rules.ts';
import type { ClientDescription } from '../../domain/clients/store.ts';
import { signingAlgs } from '../../domain/keys/signing-keys.ts';
import { distinct, resourceIdentifier, scope, shownText, text } from '../framework/input.ts';
import { count, each, time, warnings } from '../framework/schemas.ts';
import { agentSchema, signInMetadata, strictMetadata } from './shared-metadata.ts';

const names = z.array(text(200)).max(50);

const clientId = text(100).meta({
  description:
    'Unique, also among deleted clients. 1 to 100 letters, digits, dots, dashes and underscores, starting with a letter or digit.',
  examples: ['backend'],
});

const certificateName = text(1_000);

const authMethod = z.enum([
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'trusted_issuer',
  'none',
]);

/** The fields of RFC 7591 §2 that can be changed after the client is created. */
const metadata = {
  client_name: shownText(clientNameLength).meta({
    description: 'The name that people see.',
    examples: ['The backend'],
  }),
  client_uri: z.url().max(500).meta({ description: 'The home page of the client.' }),
  logo_uri: z.url().max(500).meta({ description: 'The URL of the logo.' }),
  tos_uri: z.url().max(500).meta({ description: 'The terms of service.' }),
  grant_types: names.meta({
    description:
      'The grant types that the client can use. Default: `client_credentials`; none for a public client.',
    examples: [['client_credentials']],
  }),
  response_types: names.meta({
    description: '`code` if the client uses the authorization code grant.',
  }),
  redirect_uris: z
    .array(text(2_000))
    .max(50)
    .meta({ description: 'The URLs at which the client receives authorization codes.' }),
  post_logout_redirect_uris: z.array(text(2_000)).max(50).meta({
    description:
      'The URLs to which people can return after they signed out (OpenID Connect RP-Initiated Logout §3.1). The same rules as for redirect URIs apply.',
  }),
  backchannel_logout_uri: z.url().max(2_000).meta({
    description:
      'The URL that gets a logout token when a person’s session ends (OpenID Connect Back-Channel Logout §2.2). It must use https.',
  }),
  backchannel_logout_session_required: z.boolean().meta({
    description:
      'Whether logout tokens must have a `sid`. All of them have one, so this has no effect.',
  }),
  frontchannel_logout_uri: z.url().max(2_000).meta({
    description:
      'The URL that the browser loads in a hidden frame when a person signs out (OpenID Connect Front-Channel Logout §2). It must use https and have the origin of a redirect URI.',
  }),
  frontchannel_logout_session_required: z.boolean().meta({
    description:
      'Whether that URL must get `iss` and `sid`. It always gets both, so this has no effect.',
  }),
  initiate_login_uri: z
    .url({ protocol: /^https$/ })
    .max(500)
    .meta({
      description:
        'The URL at which the client starts a login when it is opened from elsewhere (OpenID Connect Core §4). The page with connected apps links to it, with `iss`.',
    }),
  application_type: z.enum(['web', 'native']).meta({
    description: 'The kind of application (OpenID Connect Dynamic Client Registration §2).',
  }),
  jwks_uri: z
    .url({ protocol: /^https$/ })
    .max(500)
    .meta({
      description:
        'The URL of the public keys of the client, for `private_key_jwt`, or of its certificates (`x5c`), for `self_signed_tls_client_auth`.',
    }),
  scope: scope.meta({
    description:
      'The scopes that the client can request, separated by spaces (RFC 6749 §3.3). Default: all scopes of its resources.',
    examples: ['things:read things:write'],
  }),
  id_token_signed_response_alg: z.enum(signingAlgs).meta({
    description:
      'The algorithm that signs ID tokens for the client (OpenID Connect Dynamic Client Registration §2). Default: `RS256` if the client has a grant in which people sign in.',
  }),
  subject_type: z.enum(['public', 'pairwise']).meta({
    description:
      'Whether the client knows people under the IDs of their accounts, or under pairwise ones, which tell it nothing about what other clients know (OpenID Connect Core §8). Its access tokens are then opaque, and only APIs see the ID of the account. A change gives every person another ID. Default: `public`.',
  }),
  sector_identifier_uri: z
    .url({ protocol: /^https$/ })
    .max(500)
    .meta({
      description:
        'The URL of a JSON list with the redirect URIs of several clients, which then have the same pairwise IDs. It is opened when the client is created, and when it or the redirect URIs change.',
    }),
  access_token_ttl: count
    .min(1)
    .max(100 * 366 * 86_400)
    .meta({ description: 'The lifetime of access tokens, in seconds.' }),
  authorization_code_ttl: count
    .min(10)
    .max(lifetimes.registeredClientCode)
    .meta({
      description: `The lifetime of authorization codes, in seconds. Default: ${lifetimes.authorizationCode}.`,
    }),
  refresh_token_ttl: count
    .min(60)
    .max(100 * 366 * 86_400)
    .meta({
      description:
        'The lifetime of a login, in seconds, however often it is refreshed. Default: `REFRESH_TOKEN_DAYS`.',
    }),
  refresh_token_idle_ttl: count
    .min(60)
    .max(100 * 366 * 86_400)
    .meta({
      description:
        'How long a refresh token can be unused before its login expires, in seconds. With this limit, each refresh returns a new refresh token. Default: `REFRESH_TOKEN_IDLE_DAYS`.',
    }),
  rotate_refresh_tokens: z
    .boolean()
    .meta({ description: 'Whether each refresh returns a new refresh token.' }),
  device_lifetimes: z
    .array(count.min(60).max(366 * 86_400))
    .min(1)
    .max(10)
    .refine((list) => new Set(list).size === list.length, 'contains a lifetime twice')
    .meta({
      description:
        'The lifetimes, in seconds, that a person can choose from when they approve a device. The first is the default.',
      examples: [[2_592_000, 86_400]],
    }),
  enforce_polling_interval: z.boolean().meta({
    description:
      'Whether a device that polls too often gets `slow_down` (RFC 8628 §3.5). Default: true.',
  }),
  agent: agentSchema,
  token_exchange_impersonation: z.boolean().meta({
    description:
      'Whether tokens that the client gets by token exchange without an `actor_token` name no actor (`act`), so that APIs cannot tell it from the subject (RFC 8693 §1.1). It also needs the grant `urn:ietf:params:oauth:grant-type:token-exchange`. Default: false; the client is then named as the actor.',
  }),
  token_endpoint_audience: z.boolean().meta({
    description:
      'Whether the `aud` of client assertions (`private_key_jwt`) can be the token endpoint, as older clients send it, in addition to the issuer. Default: false.',
  }),
  first_party: z.boolean().meta({
    description:
      'Whether the client belongs to the operator of this server, so people are not asked to allow it. They are still asked for `authorization_details`, for scopes of administrators, with `prompt=consent`, and by a public native client whose redirect URI is not `https`, since any program on the device can take its place (RFC 8252 §8.6). Default: false.',
  }),
  require_pkce: z.boolean().meta({
    description:
      'Whether every authorization request must have a `code_challenge` (RFC 7636). Public clients always need one. If this is unset, a confidential client can send a `nonce` with the scope `openid` instead (RFC 9700 §2.1.1). `false` requires neither, for clients that support neither.',
  }),
  tls_client_auth_subject_dn: certificateName.meta({
    description:
      'For `tls_client_auth`: the subject of the certificate of the client, as in RFC 4514, which `openssl x509 -noout -subject -nameopt RFC2253` prints (RFC 8705 §2.1.2). A client has one of these names.',
    examples: ['CN=backend,O=Acme'],
  }),
  tls_client_auth_san_dns: certificateName.meta({
    description: 'For `tls_client_auth`: a `dNSName` of the certificate.',
  }),
  tls_client_auth_san_uri: certificateName.meta({
    description:
      'For `tls_client_auth`: a `uniformResourceIdentifier` of the certificate, such as a SPIFFE ID.',
  }),
  tls_client_auth_san_ip: certificateName.meta({
    description: 'For `tls_client_auth`: an `iPAddress` of the certificate.',
  }),
  tls_client_auth_san_email: certificateName.meta({
    description: 'For `tls_client_auth`: an `rfc822Name` of the certificate.',
  }),
  tls_client_certificate_bound_access_tokens: z.boolean().meta({
    description:
      'Whether every token request needs a client certificate, to which the access tokens are then bound (RFC 8705 §3). Default: false. Setting it revokes all tokens of the client.',
  }),
  ...strictMetadata,
  ...signInMetadata,
  authorization_details_types: z.array(text(200)).min(1).max(50).meta({
    description:
      'The types of `authorization_details` that the client can request (RFC 9396 §10). Default: for tokens of people, all types of its resources; for its own tokens (`client_credentials`), none.',
  }),
};

const rights = {
  roles: distinct(text(200), 50).meta({
    description: 'The roles that tokens of the client carry.',
    examples: [['reader']],
  }),
  resources: distinct(resourceIdentifier, 50).meta({
    description:
      'The resources that the client can request tokens for (RFC 8707). Default: the default resource.',
  }),
  resource_server_for: distinct(resourceIdentifier, 50).meta({
    description: 'The resources whose tokens the client can introspect (RFC 7662).',
  }),
};

export const clientCreation = z
  .strictObject({
    client_id: clientId.optional(),
    ...each(metadata, 'optional'),
    token_endpoint_auth_method: authMethod.optional().meta({
      description:
        'How the client authenticates. `none` creates a public client, `trusted_issuer` one without a secret, which a rule of a trusted issuer names. `tls_client_auth` and `self_signed_tls_client_auth` need a server that is set up for client certificates (docs/strict-clients.md). Default: `client_secret_basic`.',
    }),
    roles: rights.roles.default([]),
    resources: rights.resources.default([]),
    resource_server_for: rights.resource_server_for.default([]),
  })
  .meta({
    id: 'ClientCreation',
    description: 'The metadata of RFC 7591 §2, and fields of Writ.',
    examples: [{ client_id: 'backend', client_name: 'The backend', roles: ['reader'] }],
  });

export const clientUpdate = z
  .strictObject({
    ...each(metadata, 'nullish'),
    token_endpoint_auth_method: authMethod.optional().meta({
      description: 'Can only change between `client_secret_basic` and `client_secret_post`.',
    }),
    ...each(rights, 'nullish'),
  })
  .meta({
    id: 'ClientUpdate',
    description:
      'The fields to change; others keep their values. Null removes a field, and empties a list of roles or resources (RFC 7396).',
    examples: [{ client_name: 'The new backend', logo_uri: null, roles: ['reader', 'editor'] }],
  });

const shownClient = z.object({
  client_id: z.string().meta({
    description: 'Unique, and never reused. The URL of its document if it has one.',
    examples: ['backend'],
  }),
  ...each(metadata, 'optional'),
  token_endpoint_auth_method: authMethod.meta({ description: 'How the client authenticates.' }),
  ...rights,
  app: z
    .string()
    .nullable()
    .meta({ description: 'The app that the client belongs to; null if it belongs to none.' }),
  account_id: z.string().nullable().meta({
    description:
      'The account whose key pair this is. Its tokens act for that person; the client can be disabled and deleted, but not changed. Null for all other clients.',
  }),
  author_id: z.string().nullable().meta({
    description:
      'The account that registered the client for others to use, and that can change and delete it. Null for all other clients.',
  }),
  taken_over_at: time.nullable().meta({
    description:
      'When an administrator first changed a client that a person registered. From then on that person can delete the client but not change it. Null if no administrator has changed it, and for all other clients.',
  }),
  origin: z.enum(['document', 'registration']).nullable().meta({
    description:
      'How the client registered itself: by its Client ID Metadata Document, whose URL is its `client_id`, or at the registration endpoint (RFC 7591). Null for clients that someone here created.',
  }),
  document: z
    .object({
      fetched_at: time.meta({ description: 'When it was last read.' }),
      failed_since: time
        .nullable()
        .meta({ description: 'Since when it cannot be read; null if it can.' }),
      failure: z.string().nullable().meta({ description: 'Why it cannot be read.' }),
    })
    .nullable()
    .meta({ description: 'The state of its metadata document; null for all other clients.' }),
  disabled_at: time
    .nullable()
    .meta({ description: 'When the client was disabled; null if it is enabled.' }),
  created_at: time.meta({ description: 'When the client was created.' }),
  warnings,
});

export const client = shownClient.meta({ id: 'Client', description: 'A client (RFC 6749 §2).' });

export const createdClient = shownClient
  .extend({
    client_secret: z.string().optional().meta({
      description: 'The client secret. It is returned only here; absent if the client has none.',
    }),
  })
  .meta({ id: 'CreatedClient', description: 'A client, with its secret.' });

/** A client as the API returns it, without its internal id. */
export const describeClient = ({
  id: _id,
  metadata,
  disabled_by: _by,
  document,
  disabled_at,
  created_at,
  ...rest
}: ClientDescription) =>
  ({
    ...rest,
    ...metadata,
    document: document && {
      fetched_at: new Date(document.fetched_at),
      failed_since: document.failed_since === null ? null : new Date(document.failed_since),
      failure: document.failure,
    },
    disabled_at,
    created_at,
  }) as z.input<typeof client>;
