import { CompiledQuery, sql } from 'kysely';
import { ownerRole } from '../../../config/apps.ts';
import { leaksMailedHourly } from '../../../config/mails.ts';
import { administratorRole } from '../../../config/roles.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import { actingAs } from '../audit/actor.ts';
import { recordEvent } from '../audit/events.ts';
import type { ClientSecrets } from '../clients/secrets.ts';
import { orUnavailable } from '../database/retry.ts';
import { revokeGrant } from '../grants/grants.ts';
import type { RequestLimitCounter } from '../limits/request-limits.ts';
import { type MailDetails, recordMail } from '../mail/outbox.ts';
import type { FindToken } from './find-by-value.ts';
import { revokeMany } from './revocation.ts';
import type { TokenState } from './token-state.ts';
import { hintOf, publicId } from './value.ts';

/** Values that somebody found where they should not be. */
export interface Leaks {
  /**
   * Ends what is ours among the values, tells its owners, and tells the one who asks nothing of it. Throws
   * LimitReached where their network has sent too many reports.
   */
  report(given: { values: string[]; ip: string | undefined }): Promise<void>;
}

/**
 * Each value is ended, recorded and told in one transaction: nobody is told of an end that is not, and no
 * end goes unrecorded. So a report that broke off can be sent again, and what had ended before is left alone.
 * Of what comes in numbers an owner gets one mail an hour: whoever can make tokens could fill their mailbox.
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

  const endToken = (value: string, token: TokenState): Promise<void> =>
    inTransaction(async (transaction) => {
      const login = token.kind === 'refresh_token' ? token.grantId : null;
      if (!(await (login ? holdGrant(transaction, login) : holdToken(transaction, token)))) return;
      const { app } = await holderOf(transaction, token.client);
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

  const endSecret = (found: Awaited<ReturnType<ClientSecrets['find']>>[number]): Promise<void> =>
    inTransaction(async (transaction) => {
      const { id, client, clientId, value } = found;
      if (!(await secrets.revoke(transaction, client, id, { because: 'leaked' }))) return;
      const { app, owner } = await holderOf(transaction, client);
      const leak = {
        kind: 'client_secret',
        name: null,
        hint: hintOf(value),
        client_id: clientId,
      } as const;
      await notifyOwners(transaction, null, app, id, leak, owner);
    });

  const end = async (values: string[]): Promise<void> => {
    const tokens = await Promise.all(values.map(find));
    for (const [index, token] of tokens.entries())
      if (token?.alive) await endToken(values[index] as string, token);
    for (const secret of await secrets.find(values)) await endSecret(secret);
  };

  return {
    async report({ values, ip }) {
      await requestLimits.count('leak_reports.network', { ip });
      const distinct = new Set(values.map((value) => value.trim()).filter(Boolean));
      await actingAs({ kind: 'system', id: null }, () => end([...distinct]));
    },
  };
}

/** Whether it has not been ended; then nobody else ends it until the transaction does. */
async function holdToken(transaction: Connection, { id }: TokenState): Promise<boolean> {
  const held = await transaction
    .selectFrom('token')
    .select('key')
    .where('shelf', '=', id.partition)
    .where('key', '=', id.key)
    .where('revoked_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  return held !== undefined;
}

async function holdGrant(transaction: Connection, id: string): Promise<boolean> {
  const held = await transaction
    .selectFrom('oauth_grant')
    .select('id')
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  return held !== undefined;
}

const within = (transaction: Connection): Pick<Database, 'query'> => ({
  query: async <Row>({ text }: { text: string }, values: unknown[]) =>
    (await transaction.executeQuery<Row>(CompiledQuery.raw(text, values))).rows,
});

/** The internal id of the app that a client is of. */
/** Whose a client is: the internal id of its app, or the account whose key pair it is. */
async function holderOf(
  transaction: Connection,
  client: string,
): Promise<{ app: string | null; owner: string | null }> {
  return transaction
    .selectFrom('client')
    .select(['app_id as app', 'owner_id as owner'])
    .where('id', '=', client)
    .executeTakeFirstOrThrow();
}

/** Mails the owner: the token's account, else the person whose key pair the client is, the Owners of its app, or the administrators. */
async function notifyOwners(
  transaction: Connection,
  accountId: string | null,
  app: string | null,
  id: string,
  leak: Omit<MailDetails['token_leaked'], 'of_client'>,
  owner: string | null = null,
): Promise<void> {
  const one = accountId ?? owner;
  const recipients = one ? [one] : await recipientsOf(transaction, app);
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

/** As in 2026-03-01T09, in UTC. */
const thisHour = (): string => new Date().toISOString().slice(0, 13);

/** Always in the same order, so that two reports at once cannot deadlock. */
async function recipientsOf(transaction: Connection, app: string | null): Promise<string[]> {
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
