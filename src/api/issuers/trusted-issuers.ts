import * as z from 'zod';
import {
  type IssuerPresetName,
  issuedLifetime,
  issuerAlgorithms,
  issuerLimits,
  issuerPresets,
  issuerTokens,
  issuerUses,
} from '../../../config/trusted-issuers.ts';
import type { TrustedIssuers } from '../../domain/issuers/issuers.ts';
import { issuerNotFound } from '../../domain/issuers/settings.ts';
import { tryToken } from '../../domain/issuers/try.ts';
import type { IssuerKeys, TrustedIssuer } from '../../domain/issuers/types.ts';
import type { VerifyIssued } from '../../domain/issuers/verify.ts';
import { distinct, shownText, text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { count, pathName, time } from '../framework/schemas.ts';

export interface TrustedIssuerDependencies {
  trustedIssuers: Pick<
    TrustedIssuers,
    'all' | 'find' | 'create' | 'update' | 'delete' | 'revokeTokens'
  >;
  issuerKeys: Pick<IssuerKeys, 'check'>;
  verifyIssued: VerifyIssued;
}

const ruleFields = {
  name: shownText(issuerLimits.name).meta({ description: 'Its name, once in an issuer.' }),
  claims: z
    .record(text(200), z.array(text(issuerLimits.pattern)).min(1).max(issuerLimits.patterns))
    .refine((claims) => Object.keys(claims).length <= issuerLimits.claims, 'has too many claims')
    .meta({
      description:
        'Patterns by claim, or by a path with dots. All claims must match one of their patterns. `*` stands for one or more characters other than `:` and `/`, `**` for any.',
    }),
  client: text(200).meta({ description: 'The `client_id` that a matching token authenticates.' }),
  scopes: distinct(text(200), 100).nullable().meta({
    description: 'The scopes that it can get by this rule; null: all that the client can.',
  }),
  roles: distinct(text(100), 50).nullable().meta({
    description: 'The roles of its tokens by this rule, of those of the client; null: all.',
  }),
  enabled: z.boolean().meta({ description: 'Whether the rule is in force.' }),
};

const rule = z.object(ruleFields).meta({ id: 'IssuerRule' });

const givenRule = z
  .strictObject({
    ...ruleFields,
    scopes: ruleFields.scopes.optional(),
    roles: ruleFields.roles.optional(),
    enabled: ruleFields.enabled.optional(),
  })
  .meta({
    id: 'IssuerRuleInput',
    examples: [
      {
        name: 'production',
        claims: { sub: ['system:serviceaccount:prod:*'] },
        client: 'acme-backend',
      },
    ],
  });

const keySet = z
  .looseObject({
    keys: z.array(z.record(z.string(), z.unknown())).min(1).max(issuerLimits.keys),
  })
  .transform(({ keys }) => ({ keys }))
  .meta({ id: 'IssuerKeySet', description: 'A JWK Set (RFC 7517) of public keys.' });

/** The settings, with their meanings. */
const fields = {
  name: shownText(issuerLimits.name).meta({ description: 'Its name.' }),
  issuer: text(500).meta({ description: 'The `iss` of its tokens.' }),
  jwks_uri: text(500).nullable().meta({
    description: 'Where its keys are; null: in `jwks`, or where its discovery document says.',
  }),
  algorithms: distinct(z.enum(issuerAlgorithms), issuerAlgorithms.length).meta({
    description: 'The signature algorithms that its tokens can have.',
  }),
  audiences: distinct(text(500), issuerLimits.audiences).meta({
    description:
      'The `aud` that its tokens must have, one of these; empty: the issuer of this server, or its token endpoint.',
  }),
  uses: distinct(z.enum(issuerUses), issuerUses.length).meta({
    description:
      '`workload_identity`: its tokens authenticate clients, by `rules`. `token_exchange`: they are subjects of an exchange. `id_jag`: it grants access for people (ID-JAG). `software_statements`: it vouches for clients that register.',
  }),
  provider_id: text(40).nullable().meta({
    description:
      'For `id_jag` and `token_exchange`: the identity provider whose connected identities its subjects are.',
  }),
  max_age: count.min(1).max(issuerTokens.maxAge).meta({
    description: 'Seconds since `iat`, at most.',
  }),
  token_lifetime: count.min(1).max(issuedLifetime.max).meta({
    description: 'Seconds that access tokens issued for its tokens live, at most.',
  }),
  single_use: z.boolean().meta({
    description: 'Whether a token with a `jti` authenticates once. An ID-JAG is always used once.',
  }),
  private_network: z.boolean().meta({
    description: 'Whether it can have an address of a private network or of this machine.',
  }),
  enabled: z.boolean().meta({
    description: 'Whether its tokens are accepted. Tokens that were issued for them end with it.',
  }),
};

const given = {
  ...z.object(fields).partial().shape,
  jwks: keySet.nullable().optional().meta({
    description: 'Its public keys, for an issuer that this server cannot reach.',
  }),
  rules: z.array(givenRule).max(issuerLimits.rules).optional().meta({
    description:
      'Which client a token is the credential of: the first rule that matches. Clients that lose a rule lose their tokens.',
  }),
};

const creation = z
  .strictObject({
    id: text(40).meta({ description: 'Lower-case letters, digits and hyphens.' }),
    preset: z
      .enum(Object.keys(issuerPresets) as [IssuerPresetName, ...IssuerPresetName[]])
      .optional()
      .meta({ description: 'Fills in what is known of it; your own values win.' }),
    tenant: text(100).optional().meta({ description: 'For `azure`: the ID of the tenant.' }),
    ...given,
  })
  .meta({
    id: 'TrustedIssuerCreation',
    examples: [
      {
        id: 'github',
        preset: 'github',
        rules: [
          {
            name: 'deploy',
            claims: { repository: ['acme/api'], ref: ['refs/heads/main'] },
            client: 'deploy',
            scopes: ['things:write'],
          },
        ],
      },
    ],
  });

const update = z.strictObject(given).meta({
  id: 'TrustedIssuerUpdate',
  description: 'The fields to change; others keep their values.',
  examples: [{ enabled: false }],
});

const issuer = z
  .object({
    id: z.string().meta({ description: 'The ID of the issuer.' }),
    ...fields,
    algorithms: z.array(z.string()).meta({ description: 'The signature algorithms.' }),
    jwks: z
      .object({ keys: z.array(z.record(z.string(), z.unknown())) })
      .nullable()
      .meta({ description: 'Its pasted keys; null if they are fetched.' }),
    rules: z.array(rule).meta({ description: 'Which client a token is the credential of.' }),
    created_at: time.meta({ description: 'When it was created.' }),
    updated_at: time.meta({ description: 'When it was last changed.' }),
  })
  .meta({ id: 'TrustedIssuer', description: 'An issuer whose tokens are accepted here.' });

const finding = z
  .object({
    status: z.enum(['ok', 'warning', 'failed']).meta({ description: 'The result.' }),
    message: z.string().meta({ description: 'The finding, in a sentence.' }),
  })
  .meta({ id: 'IssuerFinding' });

const trial = z
  .object({
    problem: z.string().nullable().meta({
      description: 'Why the token is refused; null if its signature and times are accepted.',
    }),
    subject: z.string().nullable().meta({ description: 'Its `sub`.' }),
    client: z.string().nullable().meta({
      description: 'The client that it would authenticate; null if none.',
    }),
    rules: z
      .array(
        z.object({
          name: z.string().meta({ description: 'The rule.' }),
          client: z.string().meta({ description: 'Its client.' }),
          enabled: z.boolean().meta({ description: 'Whether it is in force.' }),
          matches: z.boolean().meta({ description: 'Whether the token matches it.' }),
          mismatches: z
            .array(
              z.object({
                claim: z.string().meta({ description: 'The claim.' }),
                found: z.array(z.string()).meta({ description: 'Its values in the token.' }),
                expected: z.array(z.string()).meta({ description: 'The patterns of the rule.' }),
              }),
            )
            .meta({ description: 'The claims that do not match.' }),
        }),
      )
      .meta({ description: 'What became of each rule, in order.' }),
  })
  .meta({ id: 'IssuerTrial', description: 'What would become of a token.' });

const named = z.object({ issuer_id: pathName('The ID of the issuer.', 'github') });

/** `/trusted-issuers`. */
export function trustedIssuerOperations({
  trustedIssuers,
  issuerKeys,
  verifyIssued,
}: TrustedIssuerDependencies): Operation[] {
  const on = {
    tag: 'Trusted issuers',
    path: '/trusted-issuers/{issuer_id}',
    parameters: named,
  } as const;

  const required = async (id: string): Promise<TrustedIssuer> => {
    const found = await trustedIssuers.find(id);
    if (!found) throw issuerNotFound(id);
    return found;
  };

  return [
    operation({
      method: 'get',
      path: '/trusted-issuers',
      tag: 'Trusted issuers',
      operationId: 'listTrustedIssuers',
      summary: 'List trusted issuers',
      description: 'Returns all of them on one page, by ID.',
      scope: 'clients:read',
      response: z.object({ items: z.array(issuer), next: z.null() }).meta({ id: 'TrustedIssuers' }),
      handle: async () => ({ items: (await trustedIssuers.all()).map(describe), next: null }),
    }),

    operation({
      method: 'post',
      path: '/trusted-issuers',
      tag: 'Trusted issuers',
      operationId: 'createTrustedIssuer',
      summary: 'Create a trusted issuer',
      description:
        'Its tokens are accepted at once. They replace secrets, so changing issuers requires every scope of this API.',
      scope: 'clients:write',
      body: creation,
      response: issuer,
      success: 201,
      tagged: true,
      location: (created) => `/trusted-issuers/${created.id}`,
      errors: ['access_denied', 'conflict'],
      audit: { action: 'trusted_issuer.created', kind: 'trusted_issuer' },
      handle: async ({ principal, body: { id, ...settings } }) =>
        describe(await trustedIssuers.create(principal.managementActor, id, settings)),
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'getTrustedIssuer',
      summary: 'Get a trusted issuer',
      description: 'Returns its settings and rules.',
      scope: 'clients:read',
      response: issuer,
      tagged: true,
      handle: async ({ path }) => describe(await required(path.issuer_id)),
    }),

    operation({
      ...on,
      method: 'patch',
      operationId: 'updateTrustedIssuer',
      summary: 'Update a trusted issuer',
      description:
        'Changes apply at once. The tokens of clients that lose a rule end, however the clients got them. Disabling it, and taking away a key, an algorithm, a use or the provider, also ends the tokens that were issued for its tokens. It requires every scope of this API.',
      scope: 'clients:write',
      body: update,
      response: issuer,
      tagged: true,
      conditions: ['If-Match'],
      errors: ['access_denied', 'conflict'],
      audit: { action: 'trusted_issuer.updated', kind: 'trusted_issuer' },
      handle: async ({ principal, path, body, precondition }) => {
        const changed = await trustedIssuers.update(
          principal.managementActor,
          path.issuer_id,
          body,
          precondition(describe),
        );
        if (!changed) throw issuerNotFound(path.issuer_id);
        return describe(changed);
      },
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'deleteTrustedIssuer',
      summary: 'Delete a trusted issuer',
      description:
        'Its tokens are not accepted any longer, and the tokens that were issued for them end, with those of its clients. It requires every scope of this API.',
      scope: 'clients:write',
      conditions: ['If-Match'],
      errors: ['access_denied'],
      audit: { action: 'trusted_issuer.deleted', kind: 'trusted_issuer' },
      handle: async ({ principal, path: { issuer_id: id }, precondition }) => {
        const { managementActor } = principal;
        if (!(await trustedIssuers.delete(managementActor, id, precondition(describe))))
          throw issuerNotFound(id);
      },
    }),

    operation({
      ...on,
      method: 'delete',
      path: '/trusted-issuers/{issuer_id}/tokens',
      operationId: 'revokeTrustedIssuerTokens',
      summary: 'Revoke all tokens of a trusted issuer',
      description:
        'Revokes every token that was issued for tokens of the issuer: access that it granted for people, exchanged tokens, and all access and refresh tokens of the clients that it authenticates. The issuer stays trusted. It requires every scope of this API.',
      scope: 'clients:write',
      errors: ['access_denied'],
      audit: { action: 'trusted_issuer.tokens_revoked', kind: 'trusted_issuer' },
      handle: async ({ principal, path: { issuer_id: id } }) => {
        if (!(await trustedIssuers.revokeTokens(principal.managementActor, id)))
          throw issuerNotFound(id);
      },
    }),

    operation({
      ...on,
      method: 'post',
      path: '/trusted-issuers/{issuer_id}/check',
      operationId: 'checkTrustedIssuer',
      summary: 'Check a trusted issuer',
      description: 'Reads its keys now, and compares them with the settings.',
      scope: 'clients:read',
      response: z
        .object({ findings: z.array(finding) })
        .meta({ id: 'IssuerCheck', description: 'What was found.' }),
      handle: async ({ path }) => ({
        findings: await issuerKeys.check(await required(path.issuer_id)),
      }),
    }),

    operation({
      ...on,
      method: 'post',
      path: '/trusted-issuers/{issuer_id}/try',
      operationId: 'tryTrustedIssuer',
      summary: 'Try a token with the rules',
      description:
        'Says which rule a token matches, or why none does. The token is neither stored nor used: it authenticates afterwards as before.',
      scope: 'clients:read',
      body: z
        .strictObject({
          token: text(2 * issuerTokens.maxLength).meta({ description: 'A token of the issuer.' }),
        })
        .meta({ id: 'IssuerTrialInput', examples: [{ token: 'eyJhbGciOi…' }] }),
      response: trial,
      handle: async ({ path, body }) => {
        const { rules, ...rest } = await tryToken(
          await required(path.issuer_id),
          body.token.trim(),
          verifyIssued,
        );
        return {
          ...rest,
          rules: rules.map(({ rule: { name, client, enabled }, ...result }) => ({
            name,
            client,
            enabled,
            ...result,
          })),
        };
      },
    }),
  ];
}

const describe = ({
  algorithms,
  generation: _,
  ...found
}: TrustedIssuer): z.input<typeof issuer> => ({
  ...found,
  algorithms,
});
