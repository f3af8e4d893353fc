import { sql } from 'kysely';
import { OAuthError } from '../../../oauth/errors.ts';
import { storedClientId } from '../../clients/lookup.ts';
import { orUnavailable } from '../../database/retry.ts';
import { revokeMany } from '../revocation.ts';
import { sourcesOf } from '../sources.ts';
import { parsePublicId, publicId } from '../value.ts';
import { cursorFor, readCursor } from './cursor.ts';
import type { NamedTokenDependencies } from './dependencies.ts';
import { orderOf, readPositions } from './list.ts';
import { assignNumbers, findIdByNumber } from './numbers.ts';
import { readShown } from './read.ts';
import { requireMayRevoke, requireNotOperatorKey } from './rules.ts';
import type { NamedTokenFilter, NamedTokens, ShownToken, TokenActor } from './types.ts';

/** The same error for tokens that do not exist and those that the actor cannot see. */
const noToken = (id: string) => new OAuthError('not_found', `There is no token ${id}.`);

/** An API key sees only the API tokens of its client, not the client's other keys, nor tokens of people and grants. */
const canSee = (actor: TokenActor, { kind, clientId }: ShownToken): boolean =>
  actor.kind === 'operator' || (kind === 'api_token' && clientId === actor.clientId);

/** Reads and revokes tokens of every kind on behalf of an actor. */
export function createNamedTokens({
  database,
  find: findByValue,
  lookup,
  revokeWithGrant,
}: Pick<NamedTokenDependencies, 'database' | 'find' | 'lookup' | 'revokeWithGrant'>): NamedTokens {
  const { kysely } = database;

  const read = (ids: Parameters<typeof readShown>[1]) =>
    orUnavailable(() => readShown(kysely, ids));

  /** A token that was exchanged holds as long as what it comes from, which limits its scope as well. */
  const show: NamedTokens['show'] = async ({ id }) => {
    const token = (await read([id])).get(publicId(id));
    if (token?.status !== 'active' || sourcesOf(token.payload).length === 0) return token;
    const state = await lookup(id);
    return { ...token, limitedBy: state?.limitedBy, status: state?.alive ? 'active' : 'inactive' };
  };

  const find: NamedTokens['find'] = async (actor, id) => {
    const tokenId = parsePublicId(id);
    const token = tokenId && (await show({ id: tokenId }));
    if (!token || !canSee(actor, token)) throw noToken(id);
    return token;
  };

  return {
    show,
    find,

    async page(actor, { after, limit, ...requested }) {
      const filter = visibleTo(actor, requested);
      if (!filter) return { items: [], next: null };
      const order = orderOf(filter);
      const from = after === undefined ? undefined : readCursor(order, after);
      const { found, next } = await orUnavailable(() =>
        readPositions(kysely, filter, { order, after: from, limit }),
      );
      const tokens = await read(found.map(({ key }) => ({ partition: 0, key })));
      return {
        // Omits tokens deleted since their positions were read.
        items: found.flatMap(({ key }) => tokens.get(publicId({ partition: 0, key })) ?? []),
        next: next && cursorFor(order, next),
      };
    },

    async check(actor, value) {
      const state = await findByValue(value);
      const token = state && (await show(state));
      return token && canSee(actor, token) ? token : undefined;
    },

    async findByNumber(actor, number) {
      const id = await orUnavailable(() => findIdByNumber(kysely, number));
      const token = id && (await show({ id }));
      return token && canSee(actor, token) ? token : undefined;
    },

    async numbered(tokens) {
      const assigned = await orUnavailable(() =>
        assignNumbers(
          kysely,
          tokens.filter(({ number }) => number === null).map(({ id }) => id),
        ),
      );
      // Omits tokens deleted in the meantime.
      return tokens.flatMap((token) => {
        const number = token.number ?? assigned.get(publicId(token.id));
        return number === undefined ? [] : { ...token, number };
      });
    },

    async revoke(actor, id, precondition = () => {}) {
      const token = await find(actor, id);
      requireNotOperatorKey(actor, token);
      await requireMayRevoke(kysely, actor, token);
      precondition(token);
      const isDone = token.status === 'expired' || token.status === 'revoked';
      // The grant of a refresh token can still be active when the token is not.
      if (!isDone || token.kind === 'refresh_token') await revokeWithGrant(token);
    },

    async revokeOfSubject(actor, { type, id }, clientId) {
      const of = actor.kind === 'client' ? actor.clientId : clientId;
      if (actor.kind === 'client' && storedClientId(clientId ?? of ?? '') !== actor.clientId)
        throw new OAuthError(
          'access_denied',
          `This API key can revoke only tokens of the client ${actor.clientId}.`,
          { parameter: 'client_id' },
        );
      if (![type, id, of ?? ''].every((text) => text.isWellFormed() && !text.includes('\0')))
        return 0;
      const { rows } = await orUnavailable(() =>
        sql<{ key: Buffer }>`
          select key from token_shelf_0 where subject_id is not null and subject_type = ${type} and subject_id = ${id}
            and kind = 'api_token' and revoked_at is null and (expires_at is null or expires_at > now())
            ${of === undefined ? sql`` : sql`and client_id = (select id from client where client_id = ${storedClientId(of)})`}`.execute(
          kysely,
        ),
      );
      return revokeMany(
        database,
        0,
        rows.map(({ key }) => key),
      );
    },
  };
}

/** Narrows a filter to the tokens that the actor can see; undefined if there can be none. */
function visibleTo(actor: TokenActor, filter: NamedTokenFilter): NamedTokenFilter | undefined {
  if (actor.kind === 'operator') return filter;
  const { kind = 'api_token', clientId = actor.clientId } = filter;
  return kind === 'api_token' && storedClientId(clientId) === actor.clientId
    ? { ...filter, kind, clientId }
    : undefined;
}
