import type { Resource, Resources } from '../resources/resources.ts';
import type { DescribedScope } from './types.ts';

/** What the scopes of OpenID Connect let a client do, described for people. */
const openIdSentences: Record<string, string> = {
  openid: 'Know who you are',
  profile: 'See your name',
  email: 'See your e-mail address',
  offline_access: 'Stay connected until you disconnect it',
};

/** Describes scopes of OpenID Connect, which belong to no resource. */
export const describeOpenIdScopes = (names: string[]): DescribedScope[] =>
  names.map((name) => ({ name, description: openIdSentences[name] ?? name, resource: '' }));

/** Describes scopes of a resource. One that it no longer has is described by its name. */
export const describeScopes = (resource: Resource, names: string[]): DescribedScope[] =>
  names.map((name) => ({
    name,
    description: resource.scopes.find((scope) => scope.name === name)?.description || name,
    resource: resource.name || resource.identifier,
  }));

/** Describes what was granted for each resource. */
export async function describeGranted(
  resources: Resources,
  granted: [identifier: string, names: string[]][],
): Promise<DescribedScope[]> {
  const described = await Promise.all(
    granted.map(async ([identifier, names]) => {
      const resource = await resources.find(identifier);
      return resource
        ? describeScopes(resource, names)
        : names.map((name) => ({ name, description: name, resource: identifier }));
    }),
  );
  return described.flat();
}
