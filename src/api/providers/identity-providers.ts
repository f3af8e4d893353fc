import * as z from 'zod';
import {
  type PresetName,
  providerLimits,
  providerPresets,
} from '../../../config/identity-providers.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { Identities } from '../../domain/providers/identities.ts';
import type { Providers } from '../../domain/providers/providers.ts';
import {
  type IdentityProvider,
  type Upstream,
  UpstreamError,
} from '../../domain/providers/types.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { urlOf } from '../../oauth/issuer.ts';
import { backchannelLogoutPath, callbackPath, signedOutPath } from '../../oauth/provider-paths.ts';
import { noAccount } from '../accounts/accounts.ts';
import { distinct, shownText, text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { count, pathName, time } from '../framework/schemas.ts';

export interface IdentityProviderDependencies {
  issuer: string;
  accounts: Pick<Accounts, 'describe'>;
  providers: Pick<Providers, 'all' | 'find' | 'create' | 'update' | 'delete'>;
  identities: Pick<Identities, 'list' | 'unlink'>;
  upstream: Pick<Upstream, 'check'>;
}

const domains = distinct(text(253), providerLimits.domains);

const roleRule = z
  .strictObject({
    claim: text(200).meta({
      description: 'The name of a claim, or a path with dots: `groups`, `realm_access.roles`.',
    }),
    value: text(500).meta({ description: 'The value, or one of a list of values.' }),
    roles: z.array(text(100)).min(1).max(50).meta({ description: 'The roles that it gives.' }),
  })
  .meta({
    id: 'RoleRule',
    examples: [{ claim: 'groups', value: 'editors', roles: ['editor'] }],
  });

/** The settings, with their meanings. */
const fields = {
  name: shownText(providerLimits.name).meta({ description: 'The name on the button.' }),
  kind: z.enum(['oidc', 'github']).meta({
    description: '`oidc`: OpenID Connect, with discovery. `github`: the OAuth of GitHub.',
  }),
  issuer: text(500).meta({
    description:
      'The issuer of an OpenID Provider, or the URL of GitHub or a GitHub Enterprise Server. It cannot change while accounts have identities of it.',
  }),
  client_id: text(500).meta({ description: 'The ID of the client that you registered there.' }),
  client_secret: text(1_000).nullable().meta({
    description:
      'Its secret, which is stored encrypted and never returned; null for a public client.',
  }),
  scopes: distinct(text(200), 50).meta({ description: 'The scopes that are requested.' }),
  domains: domains.meta({
    description: 'Domains of email addresses whose owners are sent there from the sign-in page.',
  }),
  create_accounts: z.enum(['no', 'verified']).meta({
    description:
      '`verified`: people without an account get one if the provider verified their address and its domain is among `allowed_domains`.',
  }),
  allowed_domains: domains.meta({
    description: 'Domains whose people get an account; `*` for all.',
  }),
  role_rules: z.array(roleRule).max(providerLimits.roleRules).meta({
    description:
      'Roles by claims, computed anew at each sign-in. Only roles that a rule gave are removed.',
  }),
  updates_profile: z.boolean().meta({
    description: 'Whether each sign-in takes over the name and the picture.',
  }),
  trusts_email: z.boolean().meta({
    description: 'Whether an address counts as verified when the provider says so.',
  }),
  trusts_second_factor: z.boolean().meta({
    description:
      'Whether a second factor that the provider asked for replaces the one here. It must say so in `amr` or `acr`.',
  }),
  second_factor_values: distinct(text(200), 20).meta({
    description: 'The values of `amr` or `acr` that mean two factors.',
  }),
  sign_out: z.boolean().meta({
    description: 'Whether signing out here also signs out there, if the provider offers it.',
  }),
  private_network: z.boolean().meta({
    description:
      'Whether the provider can have an address of a private network or of this machine.',
  }),
  enabled: z.boolean().meta({ description: 'Whether people can sign in with it.' }),
  position: count.min(0).max(10_000).meta({ description: 'Buttons are in this order.' }),
};

const creation = z
  .strictObject({
    id: text(40).meta({ description: 'Part of its URLs: lower-case letters, digits and dashes.' }),
    preset: z
      .enum(Object.keys(providerPresets) as [PresetName, ...PresetName[]])
      .optional()
      .meta({ description: 'Fills in what is known of it; your own values win.' }),
    tenant: text(100).optional().meta({
      description:
        'For `microsoft`: the ID or domain of the tenant, or `organizations` for all of them.',
    }),
    ...z.object(fields).partial().shape,
    client_id: fields.client_id,
  })
  .meta({
    id: 'IdentityProviderCreation',
    examples: [
      {
        id: 'google',
        preset: 'google',
        client_id: '1234.apps.googleusercontent.com',
        client_secret: 'GOCSPX-…',
      },
    ],
  });

const update = z.strictObject(z.object(fields).partial().shape).meta({
  id: 'IdentityProviderUpdate',
  description: 'The fields to change; others keep their values.',
  examples: [{ create_accounts: 'verified', allowed_domains: ['acme.com'] }],
});

const { client_secret: _secret, ...shownFields } = fields;

const provider = z
  .object({
    id: z.string().meta({ description: 'The ID of the provider.' }),
    ...shownFields,
    has_client_secret: z.boolean().meta({ description: 'Whether it has a client secret.' }),
    redirect_uri: z.string().meta({ description: 'The redirect URI to register there.' }),
    post_logout_redirect_uri: z.string().meta({
      description: 'The address to register there for the return after signing out.',
    }),
    backchannel_logout_uri: z.string().meta({
      description: 'The address to register there for back-channel logout.',
    }),
    created_at: time.meta({ description: 'When it was created.' }),
    updated_at: time.meta({ description: 'When it was last changed.' }),
  })
  .meta({
    id: 'IdentityProvider',
    description: 'Another identity provider that people can sign in with.',
  });

const finding = z
  .object({
    status: z.enum(['ok', 'warning', 'failed']).meta({ description: 'The result.' }),
    message: z.string().meta({ description: 'The finding, in a sentence.' }),
  })
  .meta({ id: 'ProviderFinding' });

const identity = z
  .object({
    id: z.string().meta({ description: 'The ID of the identity.' }),
    provider_id: z.string().meta({ description: 'The ID of the provider.' }),
    provider: z.string().meta({ description: 'The name of the provider.' }),
    enabled: z.boolean().meta({ description: 'Whether people can sign in with the provider.' }),
    email: z.string().nullable().meta({ description: 'The address there, at the last sign-in.' }),
    username: z.string().nullable().meta({ description: 'The user name there.' }),
    created_at: time.meta({ description: 'When it was connected.' }),
    last_used_at: time.nullable().meta({ description: 'When it was last used.' }),
  })
  .meta({ id: 'LinkedIdentity', description: 'An identity at another provider, of an account.' });

const named = z.object({ provider_id: pathName('The ID of the provider.', 'google') });
const ofAccount = z.object({ account_id: pathName('The `id` of the account.', '0199…') });

/** `/identity-providers`, and the identities of accounts. */
export function identityProviderOperations({
  issuer,
  accounts,
  providers,
  identities,
  upstream,
}: IdentityProviderDependencies): Operation[] {
  const on = {
    tag: 'Identity providers',
    path: '/identity-providers/{provider_id}',
    parameters: named,
  } as const;
  const absent = (id: string) => new OAuthError('not_found', `There is no provider ${id}.`);

  const describe = (found: IdentityProvider): z.input<typeof provider> => ({
    ...found,
    redirect_uri: urlOf(issuer, callbackPath(found.id)),
    post_logout_redirect_uri: urlOf(issuer, signedOutPath(found.id)),
    backchannel_logout_uri: urlOf(issuer, backchannelLogoutPath(found.id)),
  });

  const required = async (id: string): Promise<IdentityProvider> => {
    const found = await providers.find(id);
    if (!found) throw absent(id);
    return found;
  };

  return [
    operation({
      method: 'get',
      path: '/identity-providers',
      tag: 'Identity providers',
      operationId: 'listIdentityProviders',
      summary: 'List identity providers',
      description: 'Returns all of them on one page, in the order of their buttons.',
      scope: 'accounts:read',
      response: z
        .object({ items: z.array(provider), next: z.null() })
        .meta({ id: 'IdentityProviders' }),
      handle: async () => ({ items: (await providers.all()).map(describe), next: null }),
    }),

    operation({
      method: 'post',
      path: '/identity-providers',
      tag: 'Identity providers',
      operationId: 'createIdentityProvider',
      summary: 'Create an identity provider',
      description: `People can sign in with it at once. Register its \`redirect_uri\` at the provider.

A provider decides who signs in, so changing providers requires every scope of this API.`,
      scope: 'accounts:write',
      body: creation,
      response: provider,
      success: 201,
      tagged: true,
      location: (created) => `/identity-providers/${created.id}`,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'identity_provider.created', kind: 'identity_provider' },
      handle: async ({ principal, body: { id, ...given } }) =>
        describe(await providers.create(principal.managementActor, id, given)),
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'getIdentityProvider',
      summary: 'Get an identity provider',
      description: 'Returns its settings, without the client secret.',
      scope: 'accounts:read',
      response: provider,
      tagged: true,
      handle: async ({ path }) => describe(await required(path.provider_id)),
    }),

    operation({
      ...on,
      method: 'patch',
      operationId: 'updateIdentityProvider',
      summary: 'Update an identity provider',
      description: 'Changes apply to sign-ins from now on. It requires every scope of this API.',
      scope: 'accounts:write',
      body: update,
      response: provider,
      tagged: true,
      conditions: ['If-Match'],
      errors: ['access_denied', 'conflict'],
      audit: { action: 'identity_provider.updated', kind: 'identity_provider' },
      handle: async ({ principal, path, body, precondition }) => {
        const changed = await providers.update(
          principal.managementActor,
          path.provider_id,
          body,
          precondition(describe),
        );
        if (!changed) throw absent(path.provider_id);
        return describe(changed);
      },
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'deleteIdentityProvider',
      summary: 'Delete an identity provider',
      description:
        'No one can sign in with it any longer, and accounts lose their identities there. Accounts and sessions stay. It requires every scope of this API.',
      scope: 'accounts:write',
      conditions: ['If-Match'],
      errors: ['access_denied'],
      audit: { action: 'identity_provider.deleted', kind: 'identity_provider' },
      handle: async ({ principal, path, precondition }) => {
        const { managementActor } = principal;
        if (!(await providers.delete(managementActor, path.provider_id, precondition(describe))))
          throw absent(path.provider_id);
      },
    }),

    operation({
      ...on,
      method: 'post',
      path: '/identity-providers/{provider_id}/check',
      operationId: 'checkIdentityProvider',
      summary: 'Check an identity provider',
      description: 'Reads its discovery document now, and compares it with the settings.',
      scope: 'accounts:read',
      response: z
        .object({ findings: z.array(finding) })
        .meta({ id: 'ProviderCheck', description: 'What was found.' }),
      handle: async ({ path }) => {
        const found = await required(path.provider_id);
        try {
          return { findings: await upstream.check(found) };
        } catch (error) {
          if (!(error instanceof UpstreamError)) throw error;
          return { findings: [{ status: 'failed' as const, message: error.message }] };
        }
      },
    }),

    operation({
      method: 'get',
      path: '/accounts/{account_id}/identities',
      tag: 'Accounts',
      operationId: 'listIdentities',
      summary: 'List the identities of an account',
      description: 'Identities at other providers that the person can sign in with, oldest first.',
      scope: 'accounts:read',
      parameters: ofAccount,
      response: z
        .object({ items: z.array(identity), next: z.null() })
        .meta({ id: 'LinkedIdentities' }),
      handle: async ({ path: { account_id: id } }) => {
        if (!(await accounts.describe(id))) throw noAccount(id);
        return { items: await identities.list(id), next: null };
      },
    }),

    operation({
      method: 'delete',
      path: '/accounts/{account_id}/identities/{identity_id}',
      tag: 'Accounts',
      operationId: 'unlinkIdentity',
      summary: 'Remove an identity from an account',
      description:
        'The person can no longer sign in with it. Refused if they could not sign in otherwise.',
      scope: 'accounts:write',
      parameters: ofAccount.extend({
        identity_id: pathName('The `id` of the identity.', '0199…'),
      }),
      errors: ['access_denied', 'conflict'],
      audit: { action: 'identity.unlinked', kind: 'account' },
      handle: async ({ principal, path: { account_id, identity_id } }) => {
        const { managementActor } = principal;
        if (!(await identities.unlink(account_id, identity_id, managementActor)))
          throw new OAuthError('not_found', 'The account has no identity with this ID.');
      },
    }),
  ];
}
