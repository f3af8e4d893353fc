import { administratorRole } from '../../config/roles.ts';
import { isPersonalScope, openIdScopes } from '../../config/scopes.ts';
import type { Client } from '../domain/clients/lookup.ts';
import type { DeviceScope } from '../domain/device-logins.ts';
import { describeOpenIdScopes, describeScopes } from '../domain/device-scopes.ts';
import type { Resource, Resources } from '../domain/resources.ts';
import { grantTypes, scopeTokens } from '../oauth/names.ts';
import { scopesFor } from './resources.ts';
import { allowedOpenIdScopes } from './scope.ts';

/** What a client asks of a person, as far as it may have it at this moment. */
export interface Asked {
  openIdScope: string[];
  resources: { resource: Resource; names: string[] }[];
  /** All that it asked for was taken from it since. */
  nothingLeft: boolean;
}

interface Rules {
  resources: Resources;
  apiResource: string;
}

/** Reads what a client asks for in the parameters of its request. */
export async function readAsked(
  client: Client,
  { scope, resource }: { scope?: string; resource?: string | string[] },
  { resources, apiResource }: Rules,
): Promise<Asked> {
  const asked = new Set(scopeTokens(scope));
  const identifiers = resource === undefined ? [] : [...new Set([resource].flat())];
  const registered = client.metadata['scope'] as string | undefined;
  const allowed = await Promise.all(
    identifiers.map(async (identifier) => {
      const found = await resources.find(identifier);
      const limits = { resources: client.resources, scope: registered, app: client.app };
      const names = found && scopesFor(found, limits, apiResource);
      return names && { resource: found, names: names.filter((name) => asked.has(name)) };
    }),
  );
  const left = allowed.filter((entry) => entry !== undefined);
  return {
    openIdScope: openIdScopes.filter(
      (name) =>
        asked.has(name) && allowedOpenIdScopes(registered).includes(name) && may(client, name),
    ),
    resources: left,
    nothingLeft: identifiers.length > 0 && left.length === 0,
  };
}

/** A client without the grant that renews has no use for `offline_access`. */
const may = ({ metadata }: Client, scope: string): boolean =>
  scope !== 'offline_access' ||
  ((metadata['grant_types'] as string[] | undefined) ?? []).includes(grantTypes.refreshToken);

/** What is asked for, in the words of a person. */
export const describeAsked = ({ resources, openIdScope }: Asked): DeviceScope[] => [
  ...resources.flatMap(({ resource, names }) => describeScopes(resource, names)),
  ...describeOpenIdScopes(openIdScope),
];

const ofApi = ({ resources }: Asked, apiResource: string): string[] | undefined =>
  resources.find(({ resource }) => resource.identifier === apiResource)?.names;

/** Scopes that an account with these roles cannot hand out. */
export const beyond = (asked: Asked, roles: string[], apiResource: string): string[] =>
  roles.includes(administratorRole)
    ? []
    : (ofApi(asked, apiResource)?.filter((name) => !isPersonalScope(name)) ?? []);

/** The role without which nobody can hand it out: nobody else has a token for Writ's own API that is not for what is theirs. */
export function roleFor(asked: Asked, apiResource: string): string | undefined {
  const names = ofApi(asked, apiResource);
  return names && (names.length === 0 || beyond(asked, [], apiResource).length > 0)
    ? administratorRole
    : undefined;
}
