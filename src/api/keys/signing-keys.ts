import * as z from 'zod';
import { type SigningAlg, signingAlgs } from '../../domain/keys/signing-keys.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { count, pathName, time } from '../framework/schemas.ts';

const alg = z.enum(signingAlgs);

const key = z
  .object({
    kid: z.string().meta({ description: 'The id of the key in the JWKS.' }),
    alg: z.string().meta({ description: 'The signature algorithm.' }),
    state: z
      .enum(['announced', 'signing', 'retired'])
      .meta({ description: 'The stage of the key.' }),
    created_at: time.meta({ description: 'When the key was created.' }),
    signing_since: time
      .nullable()
      .meta({ description: 'When the key started to sign; null before.' }),
    retired_at: time.nullable().meta({ description: 'When the key stopped signing; null before.' }),
    ready_at: time
      .nullable()
      .meta({ description: 'When every verifier knows the key, so it can start to sign.' }),
  })
  .meta({
    id: 'SigningKey',
    description:
      'A key that signs JWTs. It is announced first, then signs, is retired, and finally removed.',
  });

const keyList = z.object({ items: z.array(key), next: z.null() }).meta({ id: 'SigningKeys' });

const rotation = z
  .strictObject({
    alg: alg
      .optional()
      .meta({ description: 'The algorithm whose keys are rotated. Default: all algorithms.' }),
  })
  .meta({ id: 'KeyRotation', examples: [{ alg: 'ES256' }] });

type Key = z.input<typeof key>;

export interface KeyDependencies {
  keys: {
    list(): Promise<Key[]>;
    rotate(alg?: SigningAlg): Promise<unknown>;
    revoke(kid: string): Promise<boolean>;
    reseal(): Promise<{ resealed: number }>;
  };
}

/** `/keys`: the keys that sign JWTs, and the sealing of secrets at rest. */
export function keyOperations({ keys }: KeyDependencies): Operation[] {
  const all = async () => ({
    items: await keys.list(),
    next: null,
  });

  return [
    operation({
      method: 'get',
      path: '/keys',
      tag: 'Keys',
      operationId: 'listKeys',
      summary: 'List signing keys',
      description:
        'Returns the keys in the JWKS on one page. A retired key stays there until the last token that it signed has expired.',
      scope: 'keys:read',
      response: keyList,
      handle: all,
    }),

    operation({
      method: 'post',
      path: '/keys/rotate',
      tag: 'Keys',
      operationId: 'rotateKeys',
      summary: 'Rotate the signing keys',
      description:
        'The announced keys start to sign, the signing keys retire, and new keys are announced. No token is revoked: retired keys still verify the tokens that they signed.',
      scope: 'keys:write',
      body: rotation,
      response: keyList,
      errors: ['conflict'],
      audit: { action: 'key.rotated', kind: 'key' },
      handle: async ({ body }) => {
        await keys.rotate(body.alg);
        return all();
      },
    }),

    operation({
      method: 'delete',
      path: '/keys/{kid}',
      parameters: z.object({
        kid: pathName('The `kid` of the key.', 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'),
      }),
      tag: 'Keys',
      operationId: 'revokeKey',
      summary: 'Revoke a compromised signing key',
      description:
        'The key is removed from the JWKS immediately, the announced key signs in its place, and every token that it signed is revoked. If the key is not compromised, rotate instead.',
      scope: 'keys:write',
      audit: { action: 'key.revoked', kind: 'key' },
      handle: async ({ path: { kid } }) => {
        if (!(await keys.revoke(kid))) throw new OAuthError('not_found', `There is no key ${kid}.`);
      },
    }),

    operation({
      method: 'post',
      path: '/keys/reseal',
      tag: 'Keys',
      operationId: 'resealKeys',
      summary: 'Encrypt secrets again with the newest of SECRET_KEYS',
      description:
        'Encrypts everything again that older keys encrypt. Afterwards the older keys can be removed from `SECRET_KEYS`. Nothing is revoked.',
      scope: 'keys:write',
      response: z
        .object({
          resealed: count.meta({ description: 'The number of rows that were encrypted again.' }),
        })
        .meta({ id: 'Resealed' }),
      audit: { action: 'key.resealed', kind: 'key' },
      handle: () => keys.reseal(),
    }),
  ];
}
