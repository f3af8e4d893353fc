import { defaultAppPolicy } from '../../config/apps.ts';
import type { AppPolicy } from '../../db/schema.ts';
import type { Resource, Resources } from '../../src/domain/resources/resources.ts';
import { unique } from './unique.ts';

/** Creates an API that is open to apps, and returns its identifier. */
export async function openApi(
  { domain }: { domain: { resources: Pick<Resources, 'create'> } },
  {
    policy = {},
    ...given
  }: Partial<Omit<Resource, 'appPolicy'>> & {
    /** Overrides of the usual policy; null keeps the API closed. */
    policy?: Partial<AppPolicy> | null;
  } = {},
): Promise<string> {
  const { identifier } = await domain.resources.create({
    identifier: `https://${unique('api')}.test`,
    name: 'Things API',
    scopes: [
      { name: 'things:read', description: 'See your things' },
      { name: 'things:write', description: 'Create, change and delete your things' },
    ],
    tokenFormat: 'opaque',
    signingAlg: 'ES256',
    accessTokenTtl: null,
    isDefault: false,
    appPolicy: policy && {
      token_formats: ['opaque', 'jwt'],
      longest_access_token_ttl: defaultAppPolicy.longestAccessTokenTtl,
      ...policy,
    },
    ...given,
  });
  return identifier;
}
