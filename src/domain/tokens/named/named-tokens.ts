import { sql } from 'kysely';
import { OAuthError } from '../../../oauth/errors.ts';
import { storedClientId } from '../../clients/lookup.ts';
import { orUnavailable } from '../../database/retry.ts';
import { revokeMany } from '../revocation.ts';
import { parsePublicId, publicId } from '../value.ts';
import { cursorFor, readCursor } from './cursor.ts';
import type { NamedTokenDependencies } from './dependencies.ts';
import { orderOf, readPlaces } from './list.ts';
import { findPlaceByNumber, giveNumbers } from './numbers.ts';
import { readShown } from './read.ts';
import { requireNotOperatorKey } from './rules.ts';
import type { NamedTokenFilter, NamedTokens, ShownToken, TokenActor } from './types.ts';

/** What does not exist, and what whoever asks may not see. */
const noToken = (id: string) => new OAuthError('not_found', `There is no token ${id}.`);

/** To an API key exist the API tokens of its client alone: neither its other keys, nor what people and logins have. */
const maySee = (actor: TokenActor, { kind, clientId }: ShownToken): boolean =>
  actor.kind === 'operator' || (kind === 'api_token' && clientId === actor.clientId);

/** What is there, whoever made it, as far as the one who asks may see it. */
export function createNamedTokens({
  database,
  find: findByValue,
  revokeWithGrant,
}: Pick<NamedTokenDependencies, 'database' | 'find' | 'revokeWithGrant'>): NamedTokens {
  const { kysely } = database;

  const read = (ids: Parameters<typeof readShown>[1]) =>
    orUnavailable(() => readShown(kysely, ids));

  const show: NamedTokens['show'] = async ({ id }) => (await read([id])).get(publicId(id));

  const find: NamedTokens['find'] = async (actor, id) => {
    const place = parsePublicId(id);
    const token = place && (await show({ id: place }));
    if (!token || !maySee(actor, token)) throw noToken(id);
    return token;
  };

  return {
    show,
    find,

    async page(actor, { after, limit, ...asked }) {
      const filter = within(actor, asked);
      if (!filter) return { items: [], next: null };
      const order = orderOf(filter);
      const from = after === undefined ? undefined : readCursor(order, after);
      const places = await orUnavailable(() =>
        readPlaces(kysely, filter, { order, after: from, limit: limit + 1 }),
      );
      const shown = places.slice(0, limit);
      const last = shown.at(-1);
      const tokens = await read(shown.map(({ key }) => ({ partition: 0, key })));
      return {
        // One that was swept in between is left out.
        items: shown.flatMap(({ key }) => tokens.get(publicId({ partition: 0, key })) ?? []),
        next: last && places.length > limit ? cursorFor(order, last) : null,
      };
    },

    async check(actor, value) {
      const state = await findByValue(value);
      const token = state && (await show(state));
      return token && maySee(actor, token) ? token : undefined;
    },

    async findByNumber(actor, number) {
      const place = await orUnavailable(() => findPlaceByNumber(kysely, number));
      const token = place && (await show({ id: place }));
      return token && maySee(actor, token) ? token : undefined;
    },

    async numbered(tokens) {
      const given = await orUnavailable(() =>
        giveNumbers(
          kysely,
          tokens.filter(({ number }) => number === null).map(({ id }) => id),
        ),
      );
      // One that was swept in between is left out.
      return tokens.flatMap((token) => {
        const number = token.number ?? given.get(publicId(token.id));
        return number === undefined ? [] : { ...token, number };
      });
    },

    async revoke(actor, id, precondition = () => {}) {
      const token = await find(actor, id);
      requireNotOperatorKey(actor, token);
      precondition(token);
      const isOver = token.status === 'expired' || token.status === 'revoked';
      // A refresh token ends its login, which may go on after it.
      if (!isOver || token.kind === 'refresh_token') await revokeWithGrant(token);
    },

    async revokeOfSubject(actor, { type, id }, clientId) {
      const of = actor.kind === 'client' ? actor.clientId : clientId;
      if (actor.kind === 'client' && storedClientId(clientId ?? of ?? '') !== actor.clientId)
        throw new OAuthError(
          'access_denied',
          `You end tokens of the client ${actor.clientId} alone.`,
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

/** What of a list the actor is shown; undefined where that is nothing. */
function within(actor: TokenActor, filter: NamedTokenFilter): NamedTokenFilter | undefined {
  if (actor.kind === 'operator') return filter;
  const { kind = 'api_token', clientId = actor.clientId } = filter;
  return kind === 'api_token' && storedClientId(clientId) === actor.clientId
    ? { ...filter, kind, clientId }
    : undefined;
}
