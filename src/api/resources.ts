import type Router from '@koa/router';
import * as z from 'zod';
import type { Resource, Resources } from '../domain/resources.ts';
import { scopeTokenPattern } from '../oauth/names.ts';
import type { Authenticate } from './authenticate.ts';
import { readBody, resourceIdentifier, text } from './input.ts';

const resource = z.strictObject({
  identifier: resourceIdentifier,
  name: text(200).optional(),
  scopes: z
    .array(
      z.strictObject({
        name: text(200).regex(scopeTokenPattern, 'is not a scope-token (RFC 6749 §3.3)'),
        description: text(500).optional(),
      }),
    )
    .max(500)
    .default([]),
  token_format: z.enum(['opaque', 'jwt']).default('opaque'),
  signing_alg: z.enum(['ES256', 'RS256', 'EdDSA']).default('ES256'),
  access_token_ttl: z
    .number()
    .int()
    .min(1)
    .max(68 * 365 * 86_400)
    .nullable()
    .default(null),
  default: z.boolean().default(false),
});

/** `/resources`: the APIs that tokens are for (RFC 8707). */
export function resourceRoutes(
  router: Router,
  { authenticate, resources }: { authenticate: Authenticate; resources: Resources },
): void {
  router.get('/resources', async (ctx) => {
    await authenticate(ctx, 'resources:read');
    ctx.body = { items: (await resources.list()).map(describe) };
  });

  router.post('/resources', async (ctx) => {
    await authenticate(ctx, 'resources:write');
    const given = await readBody(ctx, resource);
    const created = await resources.create({
      identifier: given.identifier,
      name: given.name ?? given.identifier,
      scopes: given.scopes.map(({ name, description = '' }) => ({ name, description })),
      tokenFormat: given.token_format,
      signingAlg: given.signing_alg,
      accessTokenTtl: given.access_token_ttl,
      isDefault: given.default,
    });
    ctx.status = 201;
    ctx.body = describe(created);
  });
}

const describe = ({
  identifier,
  name,
  scopes,
  tokenFormat,
  signingAlg,
  accessTokenTtl,
  isDefault,
}: Resource): object => ({
  identifier,
  name,
  scopes,
  token_format: tokenFormat,
  signing_alg: signingAlg,
  access_token_ttl: accessTokenTtl,
  default: isDefault,
});
