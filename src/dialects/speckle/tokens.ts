/** PERSONAL ACCESS TOKENS as Speckle's clients create, list and revoke them. */
import { actingAs } from '../../domain/audit/actor.ts';
import type { Resources } from '../../domain/resources/resources.ts';
import type { FindToken } from '../../domain/tokens/find-by-value.ts';
import type {
  AuthorizationDetail,
  CreatedToken,
  PersonalTokens,
  ShownToken,
} from '../../domain/tokens/named/types.ts';
import type { RevokeWithGrant } from '../../domain/tokens/revocation.ts';
import { parseToken, publicId } from '../../domain/tokens/value.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Person } from './caller.ts';
import { credentialIn } from './credential.ts';
import { SpeckleError, toSpeckleError } from './errors.ts';
import { namedBy, speckleId } from './ids.ts';
import { readEmbed } from './limits.ts';

export interface TokenDependencies {
  personalTokens: Pick<PersonalTokens, 'choices' | 'list' | 'createBy' | 'revoke'>;
  resources: Pick<Resources, 'find'>;
  find: FindToken;
  revokeWithGrant: RevokeWithGrant;
  /** The identifier of Speckle's resource. */
  resource: string;
}

/** The requested token. */
export interface WantedToken {
  name: string;
  scope: readonly string[];
  /** In milliseconds; null for the maximum. */
  lifespan?: number | null | undefined;
  authorizationDetails?: AuthorizationDetail[] | undefined;
}

/** A deviation from the request, which the response reports. */
export type Note = Record<string, unknown>;

/** Speckle's default lifespan in milliseconds, which it also reports for tokens that never expire: a hundred years. */
const maxLifespan = 3.154e12;

/** Attempts to find a free name: another request can take it in the meantime. */
const maxAttempts = 4;

export type SpeckleTokens = ReturnType<typeof createSpeckleTokens>;

export function createSpeckleTokens({
  personalTokens,
  resources,
  find,
  revokeWithGrant,
  resource,
}: TokenDependencies) {
  const isOfSpeckle = ({ audience }: Pick<ShownToken, 'audience'>) =>
    audience?.includes(resource) === true;

  /** Clients do not see revoked tokens; expired tokens stay on the list. */
  const isVisible = (token: ShownToken): boolean =>
    isOfSpeckle(token) && (token.status === 'active' || token.status === 'expired');

  const list = async ({ accountId }: Person): Promise<ShownToken[]> =>
    (await personalTokens.list(accountId)).filter(isVisible);

  const revokeAll = async (person: Person, tokens: readonly ShownToken[]): Promise<void> => {
    for (const { id } of tokens)
      await actingAs(person.principal.actor, () =>
        personalTokens.revoke(person.accountId, publicId(id)),
      );
  };

  return {
    list: async (person: Person) => (await list(person)).filter((token) => !readEmbed(token)),

    listEmbeds: async (person: Person, projectId: string) =>
      (await list(person)).filter((token) => readEmbed(token)?.projectId === projectId),

    /** Creates a token with those requested scopes that the resource has. */
    async create(
      person: Person,
      { lifespan, ...wanted }: WantedToken,
      report: (note: Note) => void,
    ): Promise<CreatedToken> {
      const [found, choices] = await Promise.all([
        resources.find(resource),
        personalTokens.choices(person.accountId),
      ]);
      const choice = choices.find(({ identifier }) => identifier === resource);
      const isKnown = (name: string) => found?.scopes.some((known) => known.name === name) === true;
      const scope = [...new Set(wanted.scope.filter(isKnown))];
      const dropped = wanted.scope.filter((name) => !isKnown(name));
      if (scope.length === 0) throw new SpeckleError('TOKEN_CREATE_ERROR', 'No scopes provided');
      const expiresAt = expiryOf(lifespan, choice?.maxTtl ?? null);
      const create = (name: string) =>
        actingAs(person.principal.actor, () =>
          personalTokens.createBy(person.principal.token, {
            ...wanted,
            name,
            scope,
            resource,
            expiresAt,
          }),
        );
      const created = await withFreeName(
        wanted.name,
        async () => (await personalTokens.list(person.accountId)).map(({ name }) => name ?? ''),
        create,
      ).catch((error: unknown) => {
        throw toSpeckleError(
          error,
          scope.find((name) => !choice?.scopes.some((given) => given.name === name)),
        );
      });
      if (dropped.length > 0) report({ dropped_scopes: dropped });
      if (created.token.name !== wanted.name) report({ name: created.token.name });
      const given = lifespanOf(created.token);
      if (lifespan != null && given < lifespan - 1_000)
        report({ lifespan: given, asked_lifespan: lifespan });
      return created;
    },

    /** Revokes a token of the person: by its value, with or without `Bearer`, or by its id. */
    async revoke(person: Person, text: string): Promise<void> {
      const value = credentialIn(text) ?? '';
      if (parseToken(value) || value.includes('.')) {
        const token = await find(value);
        if (!token?.alive || token.accountId !== person.accountId || !isOfSpeckle(token))
          throw notRevoked();
        await actingAs(person.principal.actor, () => revokeWithGrant(token));
        return;
      }
      const [token, ...others] = namedBy(value, await list(person));
      if (!token || others.length > 0) throw notRevoked();
      await revokeAll(person, [token]);
    },

    /** Revokes all embed tokens of a project, or the named one. Returns how many. */
    async revokeEmbeds(person: Person, projectId: string, text?: string): Promise<number> {
      const all = (await list(person)).filter((token) => readEmbed(token)?.projectId === projectId);
      const value = text === undefined ? undefined : (credentialIn(text) ?? '');
      const place = value === undefined ? undefined : parseToken(value)?.id;
      const revoked = value === undefined ? all : namedBy(place ? publicId(place) : value, all);
      await revokeAll(person, revoked);
      return revoked.length;
    },
  };
}

/** The expiry of a token; null for never. */
function expiryOf(lifespan: number | null | undefined, maxTtl: number | null): Date | null {
  if (lifespan != null && lifespan <= 0)
    throw new SpeckleError(
      'TOKEN_CREATE_ERROR',
      'lifespan must be a positive number of milliseconds.',
    );
  const max = maxTtl === null ? Number.POSITIVE_INFINITY : maxTtl * 1000;
  const requested = lifespan ?? maxLifespan;
  if (requested >= maxLifespan && maxTtl === null) return null;
  return new Date(Date.now() + Math.min(requested, max));
}

/** The lifespan of a token in milliseconds. */
export const lifespanOf = ({
  issuedAt,
  expiresAt,
}: Pick<ShownToken, 'issuedAt' | 'expiresAt'>): number =>
  expiresAt === null ? maxLifespan : Math.round((expiresAt - issuedAt) * 1000);

/**
 * Creates a token with the name or, if another token of the person has it, with the first free number appended, because
 * Speckle allows duplicate names.
 */
async function withFreeName(
  wanted: string,
  namesInUse: () => Promise<string[]>,
  create: (name: string) => Promise<CreatedToken>,
): Promise<CreatedToken> {
  let name = wanted;
  for (let attempt = 1; ; attempt++)
    try {
      return await create(name);
    } catch (error) {
      const isTaken = error instanceof OAuthError && error.code === 'conflict';
      if (!isTaken || error.parameter !== 'name' || attempt === maxAttempts) throw error;
      const taken = new Set((await namesInUse()).map((used) => used.toLowerCase()));
      let number = 2;
      while (taken.has(`${wanted} (${number})`.toLowerCase())) number++;
      name = `${wanted} (${number})`;
    }
}

const notRevoked = () => new SpeckleError('USER_INPUT_ERROR', 'Did not revoke token');

/** A token in the format of Speckle's lists. */
export const describeToken = (token: ShownToken) => ({
  id: speckleId(token.id),
  name: token.name ?? '',
  lastChars: token.hint ?? '',
  scopes: (token.scope ?? '').split(' ').filter(Boolean),
  createdAt: new Date(token.issuedAt * 1000),
  lifespan: lifespanOf(token),
  // Speckle counts the creation as the first use.
  lastUsed: new Date((token.lastUsedAt ?? token.issuedAt) * 1000),
});
