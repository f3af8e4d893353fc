/**
 * STREAMS OF SHARED SIGNALS (OpenID SSF 1.0 §8): the client that is the resource server of an API creates streams for itself, and gets
 * events about tokens of its own audiences. Operators see all streams, and can delete them.
 */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { signalBounds } from '../../../config/signals.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { diffOf, isSame, recordEvent } from '../audit/events.ts';
import type { Client, ClientLookup } from '../clients/lookup.ts';
import { orUnavailable } from '../database/retry.ts';
import { LimitReached } from '../limits/rate-limits.ts';
import type { RequestLimitCounter } from '../limits/request-limits.ts';
import { authorizationPlace } from './authorization.ts';
import { verificationEvent } from './events.ts';
import { addSignal } from './outbox.ts';
import type {
  SignalStatus,
  SignalStream,
  SignalStreamSettings,
  SignalStreamState,
} from './types.ts';

interface Dependencies {
  database: Database;
  keyring: Keyring;
  clients: ClientLookup;
  requestLimits: Pick<RequestLimitCounter, 'count'>;
  /** Whether events can be pushed to this machine and private networks, then also without TLS. */
  allowPrivate: boolean;
}

const described = sql<SignalStream>`s.id, c.client_id as client, s.endpoint_url as "endpointUrl",
  s.events_requested as "eventsRequested", s.description, s.status, s.reason, s.created_at as "createdAt"`;

export const signalStreamNotFound = (): OAuthError =>
  new OAuthError('not_found', 'There is no such stream.', { parameter: 'stream_id' });

export function createSignalStreams({
  database,
  keyring,
  clients,
  requestLimits,
  allowPrivate,
}: Dependencies) {
  const { kysely } = database;

  /** Throws `access_denied` unless the client is a resource server, and LimitReached. */
  const receiver = async (clientId: string): Promise<Client> => {
    await requestLimits.count('signals.client', { ip: undefined, client: clientId });
    const client = await clients(clientId);
    if (client && client.resourceServerFor.length > 0) return client;
    throw new OAuthError(
      'access_denied',
      'Only the client that is the resource server of an API can receive its events (resource_server_for).',
    );
  };

  const select = async (
    connection: Connection,
    where = sql<boolean>`true`,
  ): Promise<SignalStream[]> => {
    const { rows } = await sql<SignalStream>`
      select ${described} from signal_stream s join client c on c.id = s.client_id
      where c.deleted_at is null and ${where} order by s.created_at, s.id`.execute(connection);
    return rows;
  };

  /** The stream of a client under a lock. Throws `not_found`. */
  const locked = async (
    transaction: Connection,
    client: Client,
    id: string,
  ): Promise<SignalStream> => {
    await sql`select from signal_stream where id = ${id} for update`.execute(transaction);
    const [stream] = await select(
      transaction,
      sql<boolean>`s.id = ${id} and s.client_id = ${client.id}`,
    );
    if (!stream) throw signalStreamNotFound();
    return stream;
  };

  const change = <Result>(run: (transaction: Connection) => Promise<Result>): Promise<Result> =>
    orUnavailable(() => kysely.transaction().execute(run));

  const stored = (id: string, { authorization, ...settings }: SignalStreamSettings) => ({
    endpoint_url: settings.endpointUrl,
    sealed_authorization:
      authorization === null ? null : keyring.seal(authorizationPlace(id), authorization),
    events_requested: settings.eventsRequested,
    description: settings.description,
  });

  /** Events are pushed over TLS, except within the own network where the installation allows it. */
  const requireEndpoint = ({ endpointUrl, authorization }: SignalStreamSettings): void => {
    if (endpointUrl === null) {
      if (authorization === null) return;
      throw parameterError(
        'invalid_request',
        'delivery.authorization_header',
        'is only for delivery by push.',
      );
    }
    const url = URL.parse(endpointUrl);
    const isOpen = allowPrivate && url?.protocol === 'http:';
    if (!url || !(url.protocol === 'https:' || isOpen) || url.username || url.password || url.hash)
      throw parameterError(
        'invalid_request',
        'delivery.endpoint_url',
        'must be an https URL without credentials and without a fragment.',
      );
  };

  return {
    /** The streams of a client. Throws `access_denied` and LimitReached, as all functions for receivers. */
    ofClient: async (clientId: string): Promise<SignalStream[]> => {
      const client = await receiver(clientId);
      return orUnavailable(() => select(kysely, sql<boolean>`s.client_id = ${client.id}`));
    },

    /** A stream of a client. Throws `not_found`. */
    find: async (clientId: string, id: string): Promise<SignalStream> => {
      const client = await receiver(clientId);
      const [stream] = await orUnavailable(() =>
        select(kysely, sql<boolean>`s.id = ${id} and s.client_id = ${client.id}`),
      );
      if (!stream) throw signalStreamNotFound();
      return stream;
    },

    /** Creates a stream, which begins with the next change. Throws `conflict` beyond the streams that a client can have. */
    create: async (clientId: string, settings: SignalStreamSettings): Promise<SignalStream> => {
      const client = await receiver(clientId);
      requireEndpoint(settings);
      return change(async (transaction) => {
        await sql`select from client where id = ${client.id} for update`.execute(transaction);
        const streams = await select(transaction, sql<boolean>`s.client_id = ${client.id}`);
        if (streams.length >= signalBounds.streams)
          throw new OAuthError(
            'conflict',
            `The client has ${signalBounds.streams} streams already, which is the maximum.`,
          );
        const id = randomBytes(16).toString('base64url');
        await transaction
          .insertInto('signal_stream')
          .values({
            id,
            client_id: client.id,
            ...stored(id, settings),
            position: sql<number>`(select last from change_counter)`,
          })
          .execute();
        const { authorization: _secret, ...shown } = settings;
        await recordEvent(transaction, {
          action: 'signal_stream.created',
          target: { kind: 'signal_stream', id },
          details: { client: client.clientId, ...shown },
        });
        return locked(transaction, client, id);
      });
    },

    /**
     * Changes a stream. `edit` gets the current settings, whose `authorization` is the stored one, and returns all settings. Throws
     * `not_found` and what `edit` throws.
     */
    update: async (
      clientId: string,
      id: string,
      edit: (current: SignalStream & SignalStreamSettings) => SignalStreamSettings,
    ): Promise<SignalStream> => {
      const client = await receiver(clientId);
      return change(async (transaction) => {
        const before = await locked(transaction, client, id);
        const authorization = await authorizationOf(transaction, id);
        const { endpointUrl, eventsRequested, description } = before;
        const settings = edit({ ...before, authorization });
        requireEndpoint(settings);
        const { authorization: secret, ...shown } = settings;
        const old = { endpointUrl, eventsRequested, description };
        if (isSame({ ...old, secret: authorization }, { ...shown, secret })) return before;
        await transaction
          .updateTable('signal_stream')
          .set({
            ...stored(id, settings),
            updated_at: sql<Date>`now()`,
            attempts: 0,
            failing_since: null,
            next_attempt_at: sql<Date>`now()`,
          })
          .where('id', '=', id)
          .execute();
        await recordEvent(transaction, {
          action: 'signal_stream.updated',
          target: { kind: 'signal_stream', id },
          details: {
            ...diffOf(old, shown),
            ...(secret !== authorization && { authorization: 'changed' }),
          },
        });
        return locked(transaction, client, id);
      });
    },

    /**
     * Sets the status. A paused stream keeps its place; one that was disabled begins with the next change. Throws `not_found`.
     */
    setStatus: async (
      clientId: string,
      id: string,
      status: SignalStatus,
      reason: string | null,
    ): Promise<SignalStream> => {
      const client = await receiver(clientId);
      return change(async (transaction) => {
        const before = await locked(transaction, client, id);
        if (before.status === status && before.reason === reason) return before;
        await transaction
          .updateTable('signal_stream')
          .set({
            status,
            reason,
            updated_at: sql<Date>`now()`,
            ...(before.status === 'disabled' && {
              position: sql<number>`(select last from change_counter)`,
            }),
            attempts: 0,
            failing_since: null,
            next_attempt_at: sql<Date>`now()`,
          })
          .where('id', '=', id)
          .execute();
        if (status === 'disabled')
          await transaction.deleteFrom('signal_event').where('stream_id', '=', id).execute();
        await recordEvent(transaction, {
          action: 'signal_stream.updated',
          target: { kind: 'signal_stream', id },
          details: diffOf({ status: before.status, reason: before.reason }, { status, reason }),
        });
        return locked(transaction, client, id);
      });
    },

    /**
     * Sends a verification event (SSF 1.0 §8.1.4); one that still waits is replaced. Throws `not_found`, `conflict` for a disabled
     * stream, and LimitReached within seconds of the last one.
     */
    verify: async (clientId: string, id: string, state: string | undefined): Promise<void> => {
      const client = await receiver(clientId);
      await change(async (transaction) => {
        const stream = await locked(transaction, client, id);
        if (stream.status === 'disabled')
          throw new OAuthError('conflict', 'The stream is disabled. Enable it first.');
        const { numUpdatedRows } = await transaction
          .updateTable('signal_stream')
          .set({ verified_at: sql<Date>`now()` })
          .where('id', '=', id)
          .where(
            sql<boolean>`coalesce(verified_at < now() - ${signalBounds.verification} * interval '1 second', true)`,
          )
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 0n) throw new LimitReached(signalBounds.verification);
        await sql`delete from signal_event where stream_id = ${id} and claims->'events' ? ${verificationEvent}`.execute(
          transaction,
        );
        await addSignal(transaction, id, {
          sub_id: { format: 'opaque', id },
          events: { [verificationEvent]: state === undefined ? {} : { state } },
        });
      });
    },

    /** Deletes a stream with what waits. Throws `not_found`. */
    delete: async (clientId: string, id: string): Promise<void> => {
      const client = await receiver(clientId);
      await change(async (transaction) => {
        await locked(transaction, client, id);
        await remove(transaction, id, client.clientId);
      });
    },

    /** The streams of all clients and their delivery, oldest first, for operators. */
    all: (): Promise<SignalStreamState[]> =>
      orUnavailable(async () => {
        const { rows } = await sql<SignalStreamState>`
          select ${described}, s.failing_since as "failingSince", s.next_attempt_at as "nextAttemptAt",
            (select count(*)::int from signal_event e where e.stream_id = s.id) as waiting,
            (select min(e.created_at) from signal_event e where e.stream_id = s.id) as "waitingSince"
          from signal_stream s join client c on c.id = s.client_id
          where c.deleted_at is null order by s.created_at, s.id`.execute(kysely);
        return rows;
      }),

    /** Deletes a stream of any client, for operators. Throws `not_found`. */
    deleteAny: (id: string): Promise<void> =>
      change(async (transaction) => {
        const [stream] = await select(transaction, sql<boolean>`s.id = ${id}`);
        if (!stream) throw signalStreamNotFound();
        await remove(transaction, id, stream.client);
      }),
  };

  async function authorizationOf(transaction: Connection, id: string): Promise<string | null> {
    const { sealed_authorization: sealed } = await transaction
      .selectFrom('signal_stream')
      .select('sealed_authorization')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    return sealed && keyring.open(authorizationPlace(id), sealed).toString();
  }

  async function remove(transaction: Connection, id: string, client: string): Promise<void> {
    await transaction.deleteFrom('signal_stream').where('id', '=', id).execute();
    await recordEvent(transaction, {
      action: 'signal_stream.deleted',
      target: { kind: 'signal_stream', id },
      details: { client },
    });
  }
}

export type SignalStreams = ReturnType<typeof createSignalStreams>;
