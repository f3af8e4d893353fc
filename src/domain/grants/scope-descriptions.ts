import type { Resource, Resources } from '../resources/resources.ts';
import type { DescribedScope } from './types.ts';

/** What the scopes of OpenID Connect let a client do, in the words of a person. */
const openIdSentences: Record<string, string> = {
  openid: 'Know who you are',
  profile: 'See your name',
  email: 'See your e-mail address',
  offline_access: 'Stay connected until you disconnect it',
};

/** Scopes of OpenID Connect as a person reads them; they are of no resource. */
export const describeOpenIdScopes = (names: string[]): DescribedScope[] =>
  names.map((name) => ({ name, description: openIdSentences[name] ?? name, resource: '' }));

/** Scopes of a resource as a person reads them. One that is gone from it has its name alone. */
export const describeScopes = (resource: Resource, names: string[]): DescribedScope[] =>
  names.map((name) => ({
    name,
    description: resource.scopes.find((scope) => scope.name === name)?.description || name,
    resource: resource.name || resource.identifier,
  }));

/** What was granted for each resource, as a person reads it. */
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
