import * as z from 'zod';
import { signingAlgs } from '../../domain/keys/signing-keys.ts';
import { longJwtWarnings } from '../../domain/resources/long-jwts.ts';
import { resourceTextLength } from '../../domain/resources/resource-texts.ts';
import {
  defaultAppPolicy,
  defaultPersonalPolicy,
  maxApiTokenTtl,
  type Resource,
  type ResourceChanges,
  type Resources,
} from '../../domain/resources/resources.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { distinct, resourceIdentifier, shownText, text } from '../framework/input.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { pageOf, pageQuery, readPage } from '../framework/paging.ts';
import { count, pathName, warnings, withWarnings } from '../framework/schemas.ts';

export interface ResourceDependencies {
  resources: Pick<Resources, 'page' | 'find' | 'create' | 'update' | 'delete'>;
}

const identifier = resourceIdentifier.meta({
  description: 'An absolute URI without fragment; the audience of its tokens.',
  examples: ['https://api.example.com'],
});

const lifetime = count.min(1).max(68 * 365 * 86_400);

const fields = {
  name: shownText(resourceTextLength.name).meta({ description: 'What people call it.' }),
  scopes: z
    .array(
      z.strictObject({
        name: text(200),
        description: shownText(resourceTextLength.scope)
          .optional()
          .meta({ description: 'The sentence that a person reads before granting it.' }),
      }),
    )
    .max(500),
  token_format: z
    .enum(['opaque', 'jwt'])
    .meta({ description: 'JWTs are those of RFC 9068; both can be introspected and revoked.' }),
  signing_alg: z.enum(signingAlgs).meta({ description: 'What signs its JWTs.' }),
  access_token_ttl: lifetime.nullable().meta({
    description: 'Seconds that its access tokens live; null for the installation’s default.',
  }),
};

const tokenFormats = ['opaque', 'jwt'] as const;

const whatStays =
  'What is left out stays as it is; where it was null, it has the defaults of a new resource.';

const appsMeaning = 'What clients of apps may have of it; null where they may have nothing.';

/** What stands here may be chosen by whoever makes a client of an app. */
const appFields = {
  token_formats: z
    .array(z.enum(tokenFormats))
    .min(1)
    .overwrite((list) => [...new Set(list)])
    .meta({ description: 'The formats of which they may choose.' }),
  longest_access_token_ttl: lifetime.meta({
    description: 'Seconds that their access tokens live at most.',
  }),
  longest_api_token_ttl: lifetime
    .nullable()
    .meta({ description: 'Seconds that their API tokens live at most; null: for ever.' }),
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
  'What people may have of it by personal access tokens, for which anybody can choose among its scopes but those withheld; null where they may have nothing.';

const maxPersonalTokenTtl = lifetime
  .nullable()
  .meta({ description: 'Seconds that such a token lives at most; null: for ever.' });

const withheldScopes = distinct(text(200), 500).optional().meta({
  description:
    'Scopes of the resource that no new such token can have; empty or absent: none. A token that was there before keeps what it has until it is rolled.',
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

const detailsType = z.object({
  type: text(100).regex(/^[A-Za-z0-9_.:/-]+$/, 'has only letters, digits and _ . : / -'),
  description: shownText(resourceTextLength.detailsType).meta({
    description: 'What one of them is, for people.',
  }),
  actions: distinct(text(100), 20).meta({
    description: 'What can be done with one; empty: whatever the API calls an action.',
  }),
});

const detailsMeaning =
  'The kinds of single things that its tokens can be limited to (RFC 9396 §2): the `type` of an authorization detail, and the `actions` that it may hold.';

const detailsTypes = z
  .array(detailsType.strict())
  .max(20)
  .refine(
    (types) => new Set(types.map(({ type }) => type)).size === types.length,
    'has a type twice',
  )
  .meta({ description: detailsMeaning });

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
      .meta({ description: 'Whether requests that name no resource get tokens for this one.' }),
    apps: appPolicy.default(null),
    personal_access_tokens: personalPolicy.default(null),
    authorization_details_types: detailsTypes.default([]),
  })
  .meta({
    id: 'ResourceCreation',
    examples: [
      {
        identifier: 'https://api.example.com',
        scopes: [{ name: 'things:read', description: 'See your things' }],
        token_format: 'jwt',
      },
    ],
  });

const update = z
  .strictObject({
    name: fields.name.optional(),
    scopes: fields.scopes.optional().meta({ description: 'All of its scopes.' }),
    token_format: fields.token_format.optional(),
    signing_alg: fields.signing_alg.optional(),
    access_token_ttl: fields.access_token_ttl.optional(),
    default: z
      .literal(true)
      .optional()
      .meta({ description: 'Makes it the default, in place of the one that was.' }),
    apps: appPolicyChanges.optional(),
    personal_access_tokens: personalPolicyChanges.optional(),
    authorization_details_types: detailsTypes.optional(),
  })
  .meta({
    id: 'ResourceUpdate',
    description: 'What changes; the rest stays as it is.',
    examples: [{ access_token_ttl: 3600 }],
  });

const resource = z
  .object({
    identifier: z.string(),
    name: z.string(),
    scopes: z.array(z.object({ name: z.string(), description: z.string() })),
    token_format: fields.token_format,
    signing_alg: z.string(),
    access_token_ttl: count.nullable(),
    default: z.boolean(),
    apps: z
      .object({
        token_formats: z.array(z.enum(tokenFormats)),
        longest_access_token_ttl: count,
        longest_api_token_ttl: count
          .nullable()
          .meta({ description: 'Seconds that their API tokens live at most; null: for ever.' }),
      })
      .nullable()
      .meta({ description: appsMeaning }),
    personal_access_tokens: z
      .object({ longest_ttl: maxPersonalTokenTtl, withheld_scopes: withheldScopes })
      .nullable()
      .meta({ description: personalMeaning }),
    authorization_details_types: z.array(detailsType).meta({ description: detailsMeaning }),
    warnings,
  })
  .meta({ id: 'Resource', description: 'An API that tokens are for (RFC 8707).' });

const named = z.object({
  identifier: pathName('The identifier, percent-encoded.', 'https://api.example.com'),
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
      summary: 'All resources, page by page',
      description: 'In the order of their identifiers. Writ’s own API is one of them.',
      scope: 'resources:read',
      query: pageQuery,
      answer: pageOf(resource),
      handle: async ({ query }) => {
        const page = await readPage(query, resources.page, (item) => item.identifier);
        return { ...page, items: page.items.map(describe) };
      },
    }),

    operation({
      method: 'post',
      path: '/resources',
      tag: 'Resources',
      operationId: 'createResource',
      summary: 'Make a resource',
      description:
        'Clients can ask for tokens for it once they have it among their `resources`, or at once where it is the default.\n\nJWTs live as long as opaque tokens do, 30 days where nothing is said, and who verifies one offline does not see that it was revoked. So give them a short `access_token_ttl`, such as 3600, or have the API introspect them or follow the change feed; `warnings` says so where they live longer than a day.',
      scope: 'resources:write',
      body: creation,
      answer: resource,
      success: 201,
      tagged: true,
      location: (made) => `/resources/${encodeURIComponent(made.identifier)}`,
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
            detailsTypes: body.authorization_details_types,
          }),
        ),
    }),

    operation({
      ...on,
      method: 'get',
      operationId: 'getResource',
      summary: 'A resource',
      description: 'Its scopes, and what its tokens are like.',
      scope: 'resources:read',
      answer: resource,
      tagged: true,
      handle: async ({ path }) => {
        const found = await resources.find(path.identifier);
        if (!found) throw noResource(path.identifier);
        return describe(found);
      },
    }),

    operation({
      ...on,
      method: 'patch',
      operationId: 'updateResource',
      summary: 'Change a resource',
      description:
        'Holds for tokens that are issued from now on. Its identifier is in tokens and cannot be changed.',
      scope: 'resources:write',
      body: update,
      answer: resource,
      tagged: true,
      conditions: ['If-Match'],
      errors: ['access_denied'],
      audit: { action: 'resource.updated', kind: 'resource' },
      handle: async ({ path, body, precondition }) => {
        const changed = await resources.update(
          path.identifier,
          changesOf(body),
          precondition(describe),
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
        'Refused while a client has it, while it is the default, and while there are personal access tokens or API tokens for it.',
      scope: 'resources:write',
      conditions: ['If-Match'],
      errors: ['access_denied', 'conflict'],
      audit: { action: 'resource.deleted', kind: 'resource' },
      handle: async ({ path, precondition }) => {
        if (!(await resources.delete(path.identifier, precondition(describe))))
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
  ...(body.authorization_details_types && { detailsTypes: body.authorization_details_types }),
});

/** A resource that was made or changed, with what may be a mistake in it. */
const describeChanged = (found: Resource): z.input<typeof resource> => ({
  ...describe(found),
  ...withWarnings(longJwtWarnings(found)),
});

const describe = (found: Resource): z.input<typeof resource> => ({
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
  authorization_details_types: found.detailsTypes.map(({ type, description, actions }) => ({
    type,
    description,
    actions,
  })),
});
