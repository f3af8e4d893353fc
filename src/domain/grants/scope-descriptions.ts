import type { Resource, Resources } from '../resources/resources.ts';
import type { DescribedScope } from './types.ts';

/** OpenID Connect scopes, described for people. */
const openIdSentences: Record<string, string> = {
  openid: 'Identify you by your account ID',
  profile: 'See your name, picture, language and time zone',
  email: 'See your email address',
  phone: 'See your phone number',
  address: 'See your postal address',
  roles: 'See your roles',
  groups: 'See your groups',
  offline_access: 'Stay connected without asking you again',
};

/** Describes OpenID Connect scopes, which belong to no resource. */
export const describeOpenIdScopes = (names: string[]): DescribedScope[] =>
  names.map((name) => ({ name, description: openIdSentences[name] ?? name, resource: '' }));

/** Describes scopes of a resource. A scope that it no longer has, or that has no description, is shown by name. */
export const describeScopes = (resource: Resource, names: string[]): DescribedScope[] =>
  names.map((name) => ({
    name,
    description: resource.scopes.find((scope) => scope.name === name)?.description || name,
    resource: resource.name || resource.identifier,
  }));

/** Describes granted scopes, also of resources that no longer exist. */
export async function describeGrantedScopes(
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
