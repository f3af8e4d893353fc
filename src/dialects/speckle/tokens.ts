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
import { inWords, SpeckleError } from './errors.ts';
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

/** What is asked for, and what an answer says where Writ does otherwise. */
export interface WantedToken {
  name: string;
  scope: readonly string[];
  /** Milliseconds; null: as long as it may. */
  lifespan?: number | null | undefined;
  authorizationDetails?: AuthorizationDetail[] | undefined;
}

export type Note = Record<string, unknown>;

/** Milliseconds that Speckle gives to a token where nothing is said, and says of one that never ends: a hundred years. */
const longestLifespan = 3.154e12;

/** How often a name is chosen: another request may take it meanwhile. */
const attempts = 4;

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

  /** To clients, a token that was revoked is gone; one that has expired is still on the list. */
  const isThere = (token: ShownToken): boolean =>
    isOfSpeckle(token) && (token.status === 'active' || token.status === 'expired');

  const list = async ({ accountId }: Person): Promise<ShownToken[]> =>
    (await personalTokens.list(accountId)).filter(isThere);

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

    /** Creates a token with what the resource knows of the scopes that were asked for. */
    async create(
      person: Person,
      { lifespan, ...wanted }: WantedToken,
      tell: (note: Note) => void,
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
      const expiresAt = endOf(lifespan, choice?.maxTtl ?? null);
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
        throw inWords(
          error,
          scope.find((name) => !choice?.scopes.some((given) => given.name === name)),
        );
      });
      if (dropped.length > 0) tell({ dropped_scopes: dropped });
      if (created.token.name !== wanted.name) tell({ name: created.token.name });
      const given = lifespanOf(created.token);
      if (lifespan != null && given < lifespan - 1_000)
        tell({ lifespan: given, asked_lifespan: lifespan });
      return created;
    },

    /** Ends a token of the person: by its value, with `Bearer` or without, or by its id. */
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

    /** Ends the tokens of the embeds of a project, all or the one that is named. Gives how many. */
    async revokeEmbeds(person: Person, projectId: string, text?: string): Promise<number> {
      const all = (await list(person)).filter((token) => readEmbed(token)?.projectId === projectId);
      const value = text === undefined ? undefined : (credentialIn(text) ?? '');
      const place = value === undefined ? undefined : parseToken(value)?.id;
      const ended = value === undefined ? all : namedBy(place ? publicId(place) : value, all);
      await revokeAll(person, ended);
      return ended.length;
    },
  };
}

/** When a token ends: null for never. */
function endOf(lifespan: number | null | undefined, maxTtl: number | null): Date | null {
  if (lifespan != null && lifespan <= 0)
    throw new SpeckleError(
      'TOKEN_CREATE_ERROR',
      'lifespan must be a positive number of milliseconds.',
    );
  const most = maxTtl === null ? Number.POSITIVE_INFINITY : maxTtl * 1000;
  const asked = lifespan ?? longestLifespan;
  if (asked >= longestLifespan && maxTtl === null) return null;
  return new Date(Date.now() + Math.min(asked, most));
}

/** Milliseconds that a token was given to live. */
export const lifespanOf = ({
  issuedAt,
  expiresAt,
}: Pick<ShownToken, 'issuedAt' | 'expiresAt'>): number =>
  expiresAt === null ? longestLifespan : Math.round((expiresAt - issuedAt) * 1000);

/**
 * Creates under the name, or, where another token of the person has it, with the first free number after it: Speckle lets
 * tokens have the same name.
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
      if (!isTaken || error.parameter !== 'name' || attempt === attempts) throw error;
      const taken = new Set((await namesInUse()).map((used) => used.toLowerCase()));
      let number = 2;
      while (taken.has(`${wanted} (${number})`.toLowerCase())) number++;
      name = `${wanted} (${number})`;
    }
}

const notRevoked = () => new SpeckleError('USER_INPUT_ERROR', 'Did not revoke token');

/** A token as Speckle's lists have it. */
export const describeToken = (token: ShownToken) => ({
  id: speckleId(token.id),
  name: token.name ?? '',
  lastChars: token.hint ?? '',
  scopes: (token.scope ?? '').split(' ').filter(Boolean),
  createdAt: new Date(token.issuedAt * 1000),
  lifespan: lifespanOf(token),
  // Speckle calls the creation the first use.
  lastUsed: new Date((token.lastUsedAt ?? token.issuedAt) * 1000),
});
