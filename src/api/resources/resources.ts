import * as z from 'zod';
import { signingAlgs } from '../../domain/keys/signing-keys.ts';
import { maxClaims } from '../../domain/resources/claims.ts';
import { longJwtWarnings } from '../../domain/resources/long-jwts.ts';
import { resourceTextLength } from '../../domain/resources/resource-texts.ts';
import {
  defaultAppPolicy,
  defaultPersonalPolicy,
  defaultSelfRegisteredPolicy,
  maxApiTokenTtl,
  type Resource,
  type ResourceChanges,
  type Resources,
} from '../../domain/resources/resources.ts';
import { readPage } from '../../http/cursor.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { distinct, resourceIdentifier, shownText, text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pageOf, pageQuery } from '../framework/paging.ts';
import { count, pathName, warnings, withWarnings } from '../framework/schemas.ts';

export interface ResourceDependencies {
  resources: Pick<Resources, 'page' | 'find' | 'create' | 'update' | 'delete'>;
}

const identifier = resourceIdentifier.meta({
  description:
    'An absolute URI without a fragment. It is the audience of tokens for this resource.',
  examples: ['https://api.example.com'],
});

const lifetime = count.min(1).max(68 * 365 * 86_400);

const fields = {
  name: shownText(resourceTextLength.name).meta({ description: 'The name that people see.' }),
  scopes: z
    .array(
      z.strictObject({
        name: text(200),
        description: shownText(resourceTextLength.scope)
          .optional()
          .meta({ description: 'The sentence that a person reads before they grant the scope.' }),
      }),
    )
    .max(500),
  token_format: z.enum(['opaque', 'jwt']).meta({
    description:
      'The format of access tokens. JWTs conform to RFC 9068; both formats can be introspected and revoked.',
  }),
  signing_alg: z.enum(signingAlgs).meta({ description: 'The algorithm that signs JWTs.' }),
  access_token_ttl: lifetime.nullable().meta({
    description:
      'The lifetime of access tokens, in seconds; null for the default of the installation.',
  }),
};

const tokenFormats = ['opaque', 'jwt'] as const;

const whatStays =
  'Omitted fields keep their values; if the policy was null, they get the defaults of a new resource.';

const appsMeaning =
  'The policy for clients of apps; null if they cannot get tokens for this resource.';

/** The limits within which the creator of an app's client can choose. */
const appFields = {
  token_formats: z
    .array(z.enum(tokenFormats))
    .min(1)
    .overwrite((list) => [...new Set(list)])
    .meta({ description: 'The formats that they can choose from.' }),
  longest_access_token_ttl: lifetime.meta({
    description: 'The maximum lifetime of their access tokens, in seconds.',
  }),
  longest_api_token_ttl: lifetime.nullable().meta({
    description: 'The maximum lifetime of their API tokens, in seconds; null for no limit.',
  }),
};

const appPolicy = z
  .strictObject({
    token_formats: appFields.token_formats.default(defaultAppPolicy.token_formats),
    longest_access_token_ttl: appFields.longest_access_token_ttl.default(
      defaultAppPolicy.longest_access_token_ttl,
    ),
    longest_api_token_ttl: appFields.longest_api_token_ttl.default(
      maxApiTokenTtl(defaultAppPolicy),
    ),
  })
  .nullable()
  .meta({ description: appsMeaning });

const appPolicyChanges = z
  .strictObject(appFields)
  .partial()
  .nullable()
  .meta({ description: `${appsMeaning} ${whatStays}` });

const personalMeaning =
  'The policy for personal access tokens. Anyone can choose among all scopes of the resource except the withheld ones. Null if people cannot create personal access tokens for this resource.';

const maxPersonalTokenTtl = lifetime
  .nullable()
  .meta({ description: 'The maximum lifetime of such a token, in seconds; null for no limit.' });

const withheldScopes = distinct(text(200), 500).optional().meta({
  description:
    'Scopes of the resource that new tokens of this kind cannot have. Existing tokens keep their scopes until they are regenerated. Default: none.',
});

const personalPolicy = z
  .strictObject({
    longest_ttl: maxPersonalTokenTtl.default(defaultPersonalPolicy.longest_ttl),
    withheld_scopes: withheldScopes,
  })
  .nullable()
  .meta({ description: personalMeaning });

const personalPolicyChanges = z
  .strictObject({ longest_ttl: maxPersonalTokenTtl.optional(), withheld_scopes: withheldScopes })
  .nullable()
  .meta({ description: `${personalMeaning} ${whatStays}` });

const selfRegisteredMeaning =
  'The policy for clients that registered themselves, by a Client ID Metadata Document or at the registration endpoint; null if they cannot get tokens for this resource. A person decides about each of them.';

const openScopes = distinct(text(200), 500)
  .optional()
  .meta({ description: 'The scopes that they can have. Default: all scopes of the resource.' });

const selfRegisteredPolicy = z
  .strictObject({
    scopes: openScopes,
    longest_access_token_ttl: appFields.longest_access_token_ttl.default(
      defaultSelfRegisteredPolicy.longest_access_token_ttl,
    ),
  })
  .nullable()
  .meta({ description: selfRegisteredMeaning });

const selfRegisteredPolicyChanges = z
  .strictObject({
    scopes: openScopes,
    longest_access_token_ttl: appFields.longest_access_token_ttl.optional(),
  })
  .nullable()
  .meta({ description: `${selfRegisteredMeaning} ${whatStays}` });

const detailsType = z.object({
  type: text(100).regex(/^[A-Za-z0-9_.:/-]+$/, 'must contain only letters, digits and _ . : / -'),
  description: shownText(resourceTextLength.detailsType).meta({
    description: 'A description of one such thing, for people.',
  }),
  actions: distinct(text(100), 20).meta({
    description: 'The actions on such a thing. If empty, any action is accepted.',
  }),
});

const detailsMeaning =
  'The types of authorization details (RFC 9396 §2): tokens can be limited to single things of these types, and to these `actions` on them.';

const detailsTypes = z
  .array(detailsType.strict())
  .max(20)
  .refine(
    (types) => new Set(types.map(({ type }) => type)).size === types.length,
    'contains a type twice',
  )
  .meta({ description: detailsMeaning });

const claimsMeaning =
  'The claims that access tokens of people for this resource have, in JWTs and at introspection, from the `attributes` of the account: the attribute of each claim.';

const claims = z
  .record(
    text(100).regex(/^[A-Za-z0-9_.:/-]+$/, 'must contain only letters, digits and _ . : / -'),
    text(200),
  )
  .refine((given) => Object.keys(given).length <= maxClaims, `has more than ${maxClaims} claims`)
  .meta({ description: claimsMeaning, examples: [{ tenant: 'tenant_id' }] });

const creation = z
  .strictObject({
    identifier,
    name: fields.name.optional(),
    scopes: fields.scopes.default([]),
    token_format: fields.token_format.default('opaque'),
    signing_alg: fields.signing_alg.default('ES256'),
    access_token_ttl: fields.access_token_ttl.default(null),
    default: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether requests without a resource get tokens for this one.' }),
    apps: appPolicy.default(null),
    personal_access_tokens: personalPolicy.default(null),
    self_registered_clients: selfRegisteredPolicy.default(null),
    authorization_details_types: detailsTypes.default([]),
    claims: claims.default({}),
  })
  .meta({
    id: 'ResourceCreation',
    examples: [
      {
        identifier: 'https://api.example.com',
        scopes: [{ name: 'things:read', description: 'Read your things' }],
        token_format: 'jwt',
      },
    ],
  });

const update = z
  .strictObject({
    name: fields.name.optional(),
    scopes: fields.scopes.optional().meta({ description: 'All scopes of the resource.' }),
    token_format: fields.token_format.optional(),
    signing_alg: fields.signing_alg.optional(),
    access_token_ttl: fields.access_token_ttl.optional(),
    default: z
      .literal(true)
      .optional()
      .meta({ description: 'Makes this the default resource, in place of the current one.' }),
    apps: appPolicyChanges.optional(),
    personal_access_tokens: personalPolicyChanges.optional(),
    self_registered_clients: selfRegisteredPolicyChanges.optional(),
    authorization_details_types: detailsTypes.optional(),
    claims: claims.optional(),
  })
  .meta({
    id: 'ResourceUpdate',
    description: 'The fields to change; others keep their values.',
    examples: [{ access_token_ttl: 3600 }],
  });

const resource = z
  .object({
    identifier: z
      .string()
      .meta({ description: 'The identifier, which is the audience of tokens for this resource.' }),
    name: z.string().meta({ description: 'The name that people see.' }),
    scopes: z
      .array(z.object({ name: z.string(), description: z.string() }))
      .meta({ description: 'The scopes, each with the sentence that people read.' }),
    token_format: fields.token_format,
    signing_alg: z.string().meta({ description: 'The algorithm that signs JWTs.' }),
    access_token_ttl: count.nullable().meta({
      description:
        'The lifetime of access tokens, in seconds; null for the default of the installation.',
    }),
    default: z
      .boolean()
      .meta({ description: 'Whether requests without a resource get tokens for this one.' }),
    apps: z
      .object({
        token_formats: z.array(z.enum(tokenFormats)),
        longest_access_token_ttl: count,
        longest_api_token_ttl: count.nullable().meta({
          description: 'The maximum lifetime of their API tokens, in seconds; null for no limit.',
        }),
      })
      .nullable()
      .meta({ description: appsMeaning }),
    personal_access_tokens: z
      .object({ longest_ttl: maxPersonalTokenTtl, withheld_scopes: withheldScopes })
      .nullable()
      .meta({ description: personalMeaning }),
    self_registered_clients: z
      .object({ scopes: openScopes, longest_access_token_ttl: count })
      .nullable()
      .meta({ description: selfRegisteredMeaning }),
    authorization_details_types: z.array(detailsType).meta({ description: detailsMeaning }),
    claims: z.record(z.string(), z.string()).meta({ description: claimsMeaning }),
    warnings,
  })
  .meta({ id: 'Resource', description: 'An API that tokens are for (RFC 8707).' });

const named = z.object({
  identifier: pathName(
    'The identifier of the resource, percent-encoded.',
    'https://api.example.com',
  ),
});

/** `/resources`: the APIs that tokens are for. */
export function resourceOperations({ resources }: ResourceDependencies): Operation[] {
  const on = { tag: 'Resources', path: '/resources/{identifier}', parameters: named } as const;
  const noResource = (name: string) => new OAuthError('not_found', `There is no resource ${name}.`);

  return [
    operation({
      method: 'get',
      path: '/resources',
      tag: 'Resources',
      operationId: 'listResources',
      summary: 'List resources',
      description: 'Ordered by identifier. Writ’s own API is one of them.',
      scope: 'resources:read',
      query: pageQuery,
      response: pageOf(resource),
      handle: async ({ query }) => {
        const page = await readPage(query, resources.page, (item) => item.identifier);
        return { ...page, items: page.items.map(describeResource) };
      },
    }),

    operation({
      method: 'post',
      path: '/resources',
      tag: 'Resources',
      operationId: 'createResource',
      summary: 'Create a resource',
      description:
        'Clients can request tokens for the resource once it is among their `resources`, or immediately if it is the default.\n\nJWTs live as long as opaque tokens, by default 30 days, and an API that verifies them offline does not notice a revocation. So set a short `access_token_ttl`, such as 3600, or let the API introspect tokens or follow the change feed. If JWTs live longer than a day, the response contains a warning.',
      scope: 'resources:write',
      body: creation,
      response: resource,
      success: 201,
      tagged: true,
      location: (created) => `/resources/${encodeURIComponent(created.identifier)}`,
      errors: ['conflict'],
      audit: { action: 'resource.created', kind: 'resource' },
      handle: async ({ body }) =>
        describeChanged(
          await resources.create({
            identifier: body.identifier,
            name: body.name ?? body.identifier,
            scopes: described(body.scopes),
            tokenFormat: body.token_format,
            signingAlg: body.signing_alg,
            accessTokenTtl: body.access_token_ttl,
            isDefault: body.default,
            appPolicy: body.apps,
            personalPolicy: body.personal_access_tokens,
            selfRegisteredPolicy: body.self_registered_clients,
            detailsTypes: body.authorization_details_types,
            claims: body.claims,
          }),
        ),
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'getResource',
      summary: 'Get a resource',
      description: 'Returns the scopes of the resource and the settings of its tokens.',
      scope: 'resources:read',
      response: resource,
      tagged: true,
      handle: async ({ path }) => {
        const found = await resources.find(path.identifier);
        if (!found) throw noResource(path.identifier);
        return describeResource(found);
      },
    }),

    operation({
      ...on,
      method: 'patch',
      operationId: 'updateResource',
      summary: 'Update a resource',
      description:
        'Changes apply to tokens that are issued from now on. The identifier is part of tokens and cannot be changed.',
      scope: 'resources:write',
      body: update,
      response: resource,
      tagged: true,
      conditions: ['If-Match'],
      errors: ['access_denied'],
      audit: { action: 'resource.updated', kind: 'resource' },
      handle: async ({ path, body, precondition }) => {
        const changed = await resources.update(
          path.identifier,
          changesOf(body),
          precondition(describeResource),
        );
        if (!changed) throw noResource(path.identifier);
        return describeChanged(changed);
      },
    }),

    operation({
      ...on,
      method: 'delete',
      operationId: 'deleteResource',
      summary: 'Delete a resource',
      description:
        'Refused while a client has the resource, while it is the default, and while personal access tokens or API tokens for it exist.',
      scope: 'resources:write',
      conditions: ['If-Match'],
      errors: ['access_denied', 'conflict'],
      audit: { action: 'resource.deleted', kind: 'resource' },
      handle: async ({ path, precondition }) => {
        if (!(await resources.delete(path.identifier, precondition(describeResource))))
          throw noResource(path.identifier);
      },
    }),
  ];
}

const described = (scopes: z.output<typeof fields.scopes>) =>
  scopes.map(({ name, description = '' }) => ({ name, description }));

const changesOf = (body: z.output<typeof update>): ResourceChanges => ({
  ...(body.name !== undefined && { name: body.name }),
  ...(body.scopes && { scopes: described(body.scopes) }),
  ...(body.token_format && { tokenFormat: body.token_format }),
  ...(body.signing_alg && { signingAlg: body.signing_alg }),
  ...(body.access_token_ttl !== undefined && { accessTokenTtl: body.access_token_ttl }),
  ...(body.default && { isDefault: true }),
  ...(body.apps !== undefined && { appPolicy: body.apps }),
  ...(body.personal_access_tokens !== undefined && {
    personalPolicy: body.personal_access_tokens,
  }),
  ...(body.self_registered_clients !== undefined && {
    selfRegisteredPolicy: body.self_registered_clients,
  }),
  ...(body.authorization_details_types && { detailsTypes: body.authorization_details_types }),
  ...(body.claims && { claims: body.claims }),
});

/** A resource that was created or changed, with warnings about settings that may be a mistake. */
const describeChanged = (found: Resource): z.input<typeof resource> => ({
  ...describeResource(found),
  ...withWarnings(longJwtWarnings(found)),
});

const describeResource = (found: Resource): z.input<typeof resource> => ({
  identifier: found.identifier,
  name: found.name,
  scopes: found.scopes,
  token_format: found.tokenFormat,
  signing_alg: found.signingAlg,
  access_token_ttl: found.accessTokenTtl,
  default: found.isDefault,
  apps: found.appPolicy && {
    token_formats: found.appPolicy.token_formats,
    longest_access_token_ttl: found.appPolicy.longest_access_token_ttl,
    longest_api_token_ttl: maxApiTokenTtl(found.appPolicy),
  },
  personal_access_tokens: found.personalPolicy && {
    longest_ttl: found.personalPolicy.longest_ttl,
    withheld_scopes: found.personalPolicy.withheld_scopes,
  },
  self_registered_clients: found.selfRegisteredPolicy && {
    scopes: found.selfRegisteredPolicy.scopes,
    longest_access_token_ttl: found.selfRegisteredPolicy.longest_access_token_ttl,
  },
  authorization_details_types: found.detailsTypes.map(({ type, description, actions }) => ({
    type,
    description,
    actions,
  })),
  claims: found.claims,
});
