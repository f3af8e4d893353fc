/**
 * CLIENTS WITH A METADATA DOCUMENT (draft-ietf-oauth-client-id-metadata-document): their id is the URL of a document that
 * describes them. It is read when the client sends a request, and kept as long as its headers allow.
 *
 * A client gets a row, and so epochs, grants and an entry in the audit, once a person has allowed it: requests of strangers
 * fill only the table of documents, which is swept and limited by network and host.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import {
  allowsHost,
  type DocumentPolicy,
  documentBounds,
} from '../../../../config/client-documents.ts';
import type { Database } from '../../../../db/database.ts';
import type { Connection } from '../../../../db/schema.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { actingAs } from '../../audit/actor.ts';
import { isSame, recordEvent } from '../../audit/events.ts';
import { currentRequest } from '../../audit/request-context.ts';
import { orUnavailable } from '../../database/retry.ts';
import { LimitReached } from '../../limits/rate-limits.ts';
import type { RequestLimitCounter } from '../../limits/request-limits.ts';
import type { Client, ClientLookup } from '../lookup.ts';
import type { ValidateMetadata } from '../merge-patch.ts';
import type { ClientStore } from '../store.ts';
import { hostOfClientUrl, isClientUrl, problemOfClientUrl } from './client-urls.ts';
import { DocumentProblem, type FetchDocument, readDocument } from './document.ts';

interface Dependencies {
  database: Database;
  /** Finds clients that have a row. */
  stored: ClientLookup;
  store: Pick<ClientStore, 'update' | 'revokeTokens'>;
  policy: DocumentPolicy;
  fetchDocument: FetchDocument;
  validateMetadata: ValidateMetadata;
  requestLimits: Pick<RequestLimitCounter, 'count'>;
  /** Called with why a document could not be used, for the log. */
  onProblem: (url: string, problem: Error) => void;
}

/** What is known about a document. */
interface DocumentState {
  metadata: Record<string, unknown> | null;
  isFresh: boolean;
  /** It can still be used if it cannot be read again. */
  isUsable: boolean;
  /** It could not be read a moment ago. */
  waits: boolean;
  failure: string | null;
  client: 'live' | 'disabled' | 'deleted' | null;
}

/**
 * Finds clients by their ids, also those with a document. Throws `invalid_client` for a URL whose document cannot be used
 * or whose host is not allowed, and LimitReached if too many documents are read.
 */
export function createDocumentLookup({
  database,
  stored,
  store,
  policy,
  fetchDocument,
  validateMetadata,
  requestLimits,
  onProblem,
}: Dependencies): ClientLookup {
  const { kysely } = database;

  const stateOf = async (url: string): Promise<DocumentState> => {
    const { rows } = await orUnavailable(() =>
      sql<DocumentState>`
        select d.metadata, d.failure, coalesce(d.fresh_until > now(), false) as "isFresh",
          coalesce(d.fresh_until + ${documentBounds.stale} * interval '1 second' > now(), false) as "isUsable",
          coalesce(d.retry_at > now(), false) as waits,
          (select case when c.deleted_at is not null then 'deleted' when c.disabled_at is not null then 'disabled' else 'live' end
            from client c where c.client_id = asked.client_id) as client
        from (select ${url}::text as client_id) asked left join client_document d using (client_id)`.execute(
        kysely,
      ),
    );
    const [state] = rows;
    if (!state) throw new Error('the statement returned no row');
    return state;
  };

  const save = (url: string, metadata: Record<string, unknown>, fresh: number): Promise<void> =>
    orUnavailable(() =>
      kysely.transaction().execute(async (transaction) => {
        await sql`
          insert into client_document (client_id, metadata, fetched_at, fresh_until)
          values (${url}, ${JSON.stringify(metadata)}::jsonb, now(), now() + ${fresh} * interval '1 second')
          on conflict (client_id) do update set metadata = excluded.metadata, fetched_at = now(),
            fresh_until = excluded.fresh_until, retry_at = null, failed_since = null, failure = null`.execute(
          transaction,
        );
        await follow(transaction, url, metadata, store);
      }),
    );

  const noteFailure = (url: string, problem: DocumentProblem): Promise<void> =>
    orUnavailable(() =>
      kysely.transaction().execute(async (transaction) => {
        const { rows } = await sql<{ first: boolean }>`
          update client_document d set retry_at = now() + ${documentBounds.retry} * interval '1 second',
            failed_since = coalesce(d.failed_since, now()), failure = ${problem.message}
          from client_document before
          where d.client_id = ${url} and before.client_id = d.client_id
            and exists (select from client c where c.client_id = d.client_id and c.deleted_at is null)
          returning before.failed_since is null as first`.execute(transaction);
        if (rows[0]?.first)
          await recordEvent(transaction, {
            action: 'metadata_document.unreadable',
            target: { kind: 'client', id: url },
            details: { reason: problem.message },
          });
      }),
    );

  const read = async (url: string, isKnown: boolean): Promise<DocumentProblem | undefined> => {
    const caller = { ip: currentRequest()?.ip, host: new URL(url).hostname };
    // Documents of clients that people have allowed are read again at most once a minute; strangers cannot use up their turn.
    if (!isKnown) {
      await requestLimits.count('client_documents.network', caller);
      await requestLimits.count('client_documents.host', caller);
    }
    try {
      const { metadata, fresh } = await readDocument(url, fetchDocument, validateMetadata);
      await actingAs({ kind: 'system', id: null }, () => save(url, metadata, fresh));
      return undefined;
    } catch (error) {
      if (!(error instanceof DocumentProblem)) throw error;
      onProblem(url, error);
      await actingAs({ kind: 'system', id: null }, () => noteFailure(url, error));
      return error;
    }
  };

  const reading = new Map<string, Promise<DocumentProblem | undefined>>();

  /** One request for a document at a time, however many wait for it. */
  const readOnce = (url: string, isKnown: boolean): Promise<DocumentProblem | undefined> => {
    const known = reading.get(url);
    if (known) return known;
    const run = read(url, isKnown).finally(() => reading.delete(url));
    reading.set(url, run);
    return run;
  };

  const clientOf = async (url: string, state: DocumentState): Promise<Client | undefined> =>
    state.client === 'live'
      ? stored(url)
      : state.metadata
        ? unallowedClient(url, state.metadata)
        : undefined;

  const resolve = async (url: string): Promise<Client | undefined> => {
    if (policy === 'off') return undefined;
    const problem = problemOfClientUrl(url);
    if (problem) throw refusal(problem);
    if (!allowsHost(policy, new URL(url).hostname))
      throw refusal(`This server accepts no clients of ${hostOfClientUrl(url)}.`);
    const state = await stateOf(url);
    if (state.client === 'disabled') return undefined;
    if (state.isFresh || (state.waits && state.isUsable)) return clientOf(url, state);
    let failure: string | undefined = state.failure ?? undefined;
    if (!state.waits)
      try {
        failure = (await readOnce(url, state.client === 'live'))?.message;
      } catch (error) {
        if (!(error instanceof LimitReached && state.client === 'live' && state.isUsable))
          throw error;
        return clientOf(url, state);
      }
    if (failure === undefined) return clientOf(url, await stateOf(url));
    if (state.client === 'live' && state.isUsable) return clientOf(url, state);
    throw refusal(`The metadata document of the client ${url} cannot be used: ${failure}.`);
  };

  return async (clientId) => (isClientUrl(clientId) ? resolve(clientId) : stored(clientId));
}

/** The response says what is wrong with the document: its author reads it, and it is public. */
const refusal = (sentence: string): OAuthError => new OAuthError('invalid_client', sentence);

/** A client that no person has allowed yet. Its id is made from the URL, and no row has it. */
const unallowedClient = (url: string, metadata: Record<string, unknown>): Client => ({
  id: createHash('sha256')
    .update(url)
    .digest('hex')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5'),
  clientId: url,
  metadata,
  roles: [],
  resources: [],
  resourceServerFor: [],
  app: null,
  ownerId: null,
  authorId: null,
  origin: 'document',
  epoch: 0,
  appEpoch: 0,
  secrets: [],
});

/** What people read before they allow a client, or where its codes go. */
const shownFields = [
  'client_name',
  'client_uri',
  'redirect_uris',
  'application_type',
  'token_endpoint_auth_method',
];

const pick = (metadata: Record<string, unknown>, names: string[]) =>
  Object.fromEntries(names.map((name) => [name, metadata[name]]));

/**
 * Applies a changed document to its client: keys and redirect URIs at once. People are asked again if what they allowed looks
 * different now, and its tokens are revoked if it authenticates in another way.
 */
async function follow(
  transaction: Connection,
  url: string,
  metadata: Record<string, unknown>,
  store: Dependencies['store'],
): Promise<void> {
  let before: Record<string, unknown> | undefined;
  await store.update(
    url,
    (current) => {
      before = current.metadata;
      return { metadata };
    },
    undefined,
    transaction,
  );
  if (!before || isSame(pick(before, shownFields), pick(metadata, shownFields))) return;
  const { rows } = await sql`
    delete from consent m using client c where c.id = m.client_id and c.client_id = ${url}
    returning m.account_id`.execute(transaction);
  await recordEvent(transaction, {
    action: 'metadata_document.changed',
    target: { kind: 'client', id: url },
    details: { people_asked_again: rows.length },
  });
  if (before['token_endpoint_auth_method'] !== metadata['token_endpoint_auth_method'])
    await store.revokeTokens(url, transaction);
}

/**
 * Creates the row of a client with a document, in the transaction in which a person first allows it. A deleted one comes back
 * with its epoch, so its earlier tokens stay revoked. Does nothing for other clients.
 */
export async function adoptDocumentClient(
  transaction: Connection,
  clientId: string,
): Promise<void> {
  if (!isClientUrl(clientId)) return;
  const { rows } = await sql<{ redirectUris: string[] }>`
    insert into client (client_id, metadata, origin)
    select client_id, metadata, 'document' from client_document where client_id = ${clientId}
    on conflict (client_id) do update set metadata = excluded.metadata, deleted_at = null, disabled_at = null,
      disabled_by = null, created_at = now(), updated_at = now()
      where client.deleted_at is not null and client.origin = 'document'
    returning metadata->'redirect_uris' as "redirectUris"`.execute(transaction);
  const [created] = rows;
  if (created)
    await recordEvent(transaction, {
      action: 'client.created',
      target: { kind: 'client', id: clientId },
      details: { origin: 'document', redirect_uris: created.redirectUris },
    });
}
