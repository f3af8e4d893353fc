import * as z from 'zod';
import { type SigningAlg, signingAlgs } from '../../domain/keys/signing-keys.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Operation, operation } from '../framework/operation.ts';
import { count, pathName, time } from '../framework/schemas.ts';

const alg = z.enum(signingAlgs);

const key = z
  .object({
    kid: z.string(),
    alg: z.string(),
    state: z.enum(['announced', 'signing', 'retired']),
    created_at: time,
    signing_since: time.nullable(),
    retired_at: time.nullable(),
    ready_at: time
      .nullable()
      .meta({ description: 'From when every verifier knows it, and it may begin to sign.' }),
  })
  .meta({
    id: 'SigningKey',
    description: 'A key that signs JWTs: announced, then signing, then retired, then gone.',
  });

const keyList = z.object({ items: z.array(key), next: z.null() }).meta({ id: 'SigningKeys' });

const rotation = z
  .strictObject({ alg: alg.optional().meta({ description: 'Default: those of every algorithm.' }) })
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

/** `/keys`: what signs JWTs, and what seals secrets at rest. */
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
      summary: 'The signing keys',
      description:
        'Those in the JWKS, all on one page. A retired key stays until the last token that it signed has expired.',
      scope: 'keys:read',
      answer: keyList,
      handle: all,
    }),

    operation({
      method: 'post',
      path: '/keys/rotate',
      tag: 'Keys',
      operationId: 'rotateKeys',
      summary: 'Let the announced keys sign',
      description:
        'The keys that sign retire, and new ones are announced. Ends no token: retired keys still verify what they signed.',
      scope: 'keys:write',
      body: rotation,
      answer: keyList,
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
      summary: 'Take a stolen key out',
      description:
        'At once: it leaves the JWKS, the announced key signs in its place, and every token that it signed ends. To change keys that nobody stole, rotate.',
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
      summary: 'Seal everything under the newest of SECRET_KEYS',
      description:
        'What older ones sealed is sealed again; after that they can be taken out of `SECRET_KEYS`. Ends nothing.',
      scope: 'keys:write',
      answer: z
        .object({ resealed: count.meta({ description: 'How many rows were sealed again.' }) })
        .meta({ id: 'Resealed' }),
      audit: { action: 'key.resealed', kind: 'key' },
      handle: () => keys.reseal(),
    }),
  ];
}
