import { sql } from 'kysely';
import { ownerRole } from '../../../config/apps.ts';
import { leaksMailedHourly } from '../../../config/mails.ts';
import { administratorRole } from '../../../config/roles.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { actingAs } from '../audit/actor.ts';
import { recordEvent } from '../audit/events.ts';
import type { ClientSecrets } from '../clients/secrets.ts';
import { orUnavailable } from '../database/retry.ts';
import { within } from '../database/within.ts';
import { revokeGrant } from '../grants/grants.ts';
import type { RequestLimitCounter } from '../limits/request-limits.ts';
import { type MailDetails, recordMail } from '../mail/outbox.ts';
import type { FindToken } from './find-by-value.ts';
import { revokeMany } from './revocation.ts';
import type { TokenState } from './token-state.ts';
import { hintOf, publicId } from './value.ts';

/** Handles reports of leaked tokens and client secrets. */
export interface Leaks {
  /**
   * Revokes those of the values that are active tokens or client secrets, and notifies their owners. The reporter does
   * not learn which ones were. Throws LimitReached after too many reports from the network of `ip`.
   */
  report(given: { values: string[]; ip: string | undefined }): Promise<void>;
}

/**
 * Revocation, audit event and email of each value are one transaction, so they happen together or not at all. A report
 * that failed halfway can be repeated; values that are already revoked are skipped. Kinds that programs create in
 * numbers cause at most one email an hour per recipient and client, so that reports cannot flood a mailbox.
 */
export function createLeaks({
  database: { kysely },
  find,
  secrets,
  requestLimits,
}: {
  database: Database;
  find: FindToken;
  secrets: ClientSecrets;
  requestLimits: RequestLimitCounter;
}): Leaks {
  const inTransaction = (run: (transaction: Connection) => Promise<void>): Promise<void> =>
    orUnavailable(() => kysely.transaction().execute(run));

  const revokeLeakedToken = (value: string, token: TokenState): Promise<void> =>
    inTransaction(async (transaction) => {
      const login = token.kind === 'refresh_token' ? token.grantId : null;
      if (
        !(await (login ? lockActiveGrant(transaction, login) : lockUnrevoked(transaction, token)))
      )
        return;
      const { app } = await ownerOfClient(transaction, token.client);
      const id = publicId(token.id);
      const leak = {
        kind: token.kind,
        name: token.name,
        hint: hintOf(value),
        client_id: token.clientId,
      };
      await recordEvent(transaction, {
        action: 'token.leaked',
        target: { kind: 'token', id },
        details: { ...leak, account_id: token.accountId },
        app,
      });
      await notifyOwners(transaction, token.accountId, app, id, leak);
      if (login) await revokeGrant(transaction, login, undefined);
      else {
        await revokeMany(within(transaction), token.id.partition, [token.id.key]);
        await transaction
          .updateTable('token')
          .set({ revoked_because: 'leaked' })
          .where('shelf', '=', token.id.partition)
          .where('key', '=', token.id.key)
          .execute();
      }
    });

  const revokeLeakedSecret = (
    found: Awaited<ReturnType<ClientSecrets['find']>>[number],
  ): Promise<void> =>
    inTransaction(async (transaction) => {
      const { id, client, clientId, value } = found;
      if (!(await secrets.revoke(transaction, client, id, { because: 'leaked' }))) return;
      const { app, owner } = await ownerOfClient(transaction, client);
      const leak = {
        kind: 'client_secret',
        name: null,
        hint: hintOf(value),
        client_id: clientId,
      } as const;
      await notifyOwners(transaction, null, app, id, leak, owner);
    });

  const revokeAll = async (values: string[]): Promise<void> => {
    const tokens = await Promise.all(values.map(find));
    for (const [index, token] of tokens.entries())
      if (token?.alive) await revokeLeakedToken(values[index] as string, token);
    for (const secret of await secrets.find(values)) await revokeLeakedSecret(secret);
  };

  return {
    async report({ values, ip }) {
      await requestLimits.count('leak_reports.network', { ip });
      const distinct = new Set(values.map((value) => value.trim()).filter(Boolean));
      await actingAs({ kind: 'system', id: null }, () => revokeAll([...distinct]));
    },
  };
}

/** Locks the token and returns whether it is not revoked, so that of two reports only one acts. */
async function lockUnrevoked(transaction: Connection, { id }: TokenState): Promise<boolean> {
  const locked = await transaction
    .selectFrom('token')
    .select('key')
    .where('shelf', '=', id.partition)
    .where('key', '=', id.key)
    .where('revoked_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  return locked !== undefined;
}

async function lockActiveGrant(transaction: Connection, id: string): Promise<boolean> {
  const locked = await transaction
    .selectFrom('oauth_grant')
    .select('id')
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  return locked !== undefined;
}

/** The internal id of the client's app, and the account that owns it if the client is a key pair. */
async function ownerOfClient(
  transaction: Connection,
  client: string,
): Promise<{ app: string | null; owner: string | null }> {
  return transaction
    .selectFrom('client')
    .select(['app_id as app', 'owner_id as owner'])
    .where('id', '=', client)
    .executeTakeFirstOrThrow();
}

/**
 * Sends an email to the first of these that exists: the account of the token, the person whose key pair the client is,
 * the Owners of the client's app, the administrators.
 */
async function notifyOwners(
  transaction: Connection,
  accountId: string | null,
  app: string | null,
  id: string,
  leak: Omit<MailDetails['token_leaked'], 'of_client'>,
  owner: string | null = null,
): Promise<void> {
  const person = accountId ?? owner;
  const recipients = person ? [person] : await ownersOrAdministrators(transaction, app);
  for (const recipient of recipients)
    await recordMail(transaction, {
      kind: 'token_leaked',
      accountId: recipient,
      details: { ...leak, of_client: accountId === null },
      once: `leaked:${recipient}:${isMailedHourly(leak.kind) ? `${leak.client_id}:${leak.kind}:${thisHour()}` : id}`,
    });
}

const isMailedHourly = (kind: MailDetails['token_leaked']['kind']): boolean =>
  (leaksMailedHourly as readonly string[]).includes(kind);

/** The current hour in UTC, such as 2026-03-01T09. */
const thisHour = (): string => new Date().toISOString().slice(0, 13);

/** Ordered, so that two concurrent reports cannot deadlock. */
async function ownersOrAdministrators(
  transaction: Connection,
  app: string | null,
): Promise<string[]> {
  const enabled = transaction
    .selectFrom('account')
    .select('account.id')
    .where('account.disabled_at', 'is', null);
  const appOwners =
    app === null
      ? []
      : await enabled
          .innerJoin('app_member', 'app_member.account_id', 'account.id')
          .where('app_member.app_id', '=', app)
          .where('app_member.role', '=', ownerRole)
          .orderBy('account.id')
          .execute();
  const recipients =
    appOwners.length > 0
      ? appOwners
      : await enabled
          .where(sql<boolean>`${administratorRole} = any (account.roles)`)
          .orderBy('account.id')
          .execute();
  return recipients.map(({ id }) => id);
}
