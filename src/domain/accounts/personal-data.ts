/**
 * WHAT THE INSTALLATION HOLDS ABOUT A PERSON, as a document that they can keep (GDPR articles 15 and 20). It names
 * credentials but contains none: neither passwords, keys and codes nor values of tokens.
 */
import type { Database } from '../../../db/database.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Audit, recordEvent } from '../audit/events.ts';
import type { AuditEvent } from '../audit/types.ts';
import type { KeyPairs } from '../clients/key-pairs.ts';
import { orUnavailable } from '../database/retry.ts';
import type { Delegations } from '../delegations/delegations.ts';
import type { ConnectedClients } from '../grants/connected-clients.ts';
import type { ConsentMemory } from '../grants/consent/memory.ts';
import type { Identities } from '../providers/identities.ts';
import type { PersonalTokens } from '../tokens/named/types.ts';
import type { AccountFactors } from './account-factors.ts';
import type { Accounts } from './accounts.ts';
import type { RememberedBrowsers } from './remembered-browsers.ts';
import { byPerson, type Sessions } from './sessions.ts';

/** At most so many events are part of the document, the newest ones. */
export const maxEvents = 10_000;

const eventsAtOnce = 500;

/** Collects the data of people. */
export function createPersonalData({
  database: { kysely },
  accounts,
  sessions,
  accountFactors,
  rememberedBrowsers,
  identities,
  connectedClients,
  consentMemory,
  delegations,
  keyPairs,
  personalTokens,
  audit,
}: {
  database: Database;
  accounts: Pick<Accounts, 'describe'>;
  sessions: Pick<Sessions, 'list'>;
  accountFactors: Pick<AccountFactors, 'list'>;
  rememberedBrowsers: Pick<RememberedBrowsers, 'list'>;
  identities: Pick<Identities, 'list'>;
  connectedClients: Pick<ConnectedClients, 'list'>;
  consentMemory: Pick<ConsentMemory, 'list'>;
  delegations: Pick<Delegations, 'list'>;
  keyPairs: Pick<KeyPairs, 'list'>;
  personalTokens: Pick<PersonalTokens, 'list'>;
  audit: Pick<Audit, 'page'>;
}) {
  /** The newest events by the person or about them. */
  const eventsAbout = async (id: string): Promise<{ events: AuditEvent[]; isAll: boolean }> => {
    const events: AuditEvent[] = [];
    let after: string | undefined;
    do {
      const { items, next } = await audit.page({ about: id, limit: eventsAtOnce, after });
      events.push(...items);
      after = next ?? undefined;
    } while (after !== undefined && events.length < maxEvents);
    return { events, isAll: after === undefined };
  };

  const membershipsOf = (id: string) =>
    orUnavailable(() =>
      kysely
        .selectFrom('app_member as m')
        .innerJoin('app', 'app.id', 'm.app_id')
        .select(['app.name as app', 'app.display_name', 'm.role', 'm.created_at as since'])
        .where('m.account_id', '=', id)
        .where('app.deleted_at', 'is', null)
        .orderBy('app.name')
        .execute(),
    );

  return {
    /**
     * The document, for the person: without the attributes that administrators set, and without who else acted. Records an
     * event. Throws `not_found` if there is no such account.
     *
     * @param ip From where they ask.
     */
    async export(id: string, ip: string) {
      const account = await accounts.describe(id);
      if (!account) throw new OAuthError('not_found', `There is no account ${id}.`);
      await byPerson(id, ip, () =>
        orUnavailable(() =>
          recordEvent(kysely, {
            action: 'account.data_exported',
            target: { kind: 'account', id },
          }),
        ),
      );
      const [
        browsers,
        factors,
        remembered,
        linked,
        connected,
        consents,
        agents,
        keys,
        tokens,
        apps,
      ] = await Promise.all([
        sessions.list(id),
        accountFactors.list(id),
        rememberedBrowsers.list(id),
        identities.list(id),
        connectedClients.list(id),
        consentMemory.list(id),
        delegations.list(id),
        keyPairs.list(id),
        personalTokens.list(id),
        membershipsOf(id),
      ]);
      const { events, isAll } = await eventsAbout(id);
      const { attributes: _attributes, ...profile } = account;
      return {
        account: profile,
        sessions: browsers,
        sign_in_methods: factors,
        remembered_browsers: remembered,
        identities: linked,
        connected: connected.map((client) => ({
          client_id: client.clientId,
          client_name: client.clientName,
          kind: client.kind,
          device: client.device,
          scopes: client.scopes.map(({ name }) => name),
          approved_at: client.approvedAt,
          last_used_at: client.lastUsedAt,
          expires_at: client.expiresAt,
          revoked_at: client.revokedAt,
        })),
        allowed: consents.map(({ clientId, clientName, access, allowedAt, updatedAt }) => ({
          client_id: clientId,
          client_name: clientName,
          access,
          allowed_at: allowedAt,
          updated_at: updatedAt,
        })),
        agents: agents.map(({ clientId, clientName, since, lastUsedAt, endedAt }) => ({
          client_id: clientId,
          client_name: clientName,
          since,
          last_used_at: lastUsedAt,
          ended_at: endedAt,
        })),
        key_pairs: keys.map(({ id: keyId, clientId, name, createdAt, lastUsedAt }) => ({
          id: keyId,
          client_id: clientId,
          name,
          created_at: createdAt,
          last_used_at: lastUsedAt,
        })),
        personal_access_tokens: tokens.map((token) => ({
          id: token.id,
          name: token.name,
          scope: token.scope,
          status: token.status,
          issued_at: secondsToDate(token.issuedAt),
          expires_at: secondsToDate(token.expiresAt),
          last_used_at: secondsToDate(token.lastUsedAt),
        })),
        apps,
        events: events.map((event) => seenBy(id, event)),
        events_are_complete: isAll,
      };
    },
  };
}

const secondsToDate = (seconds: number | null): Date | null =>
  seconds === null ? null : new Date(seconds * 1000);

/** An event as the person that it is about sees it: what others did says neither who nor from where. */
const seenBy = (id: string, { at, action, result, actor, target, ip, details }: AuditEvent) =>
  actor.id === id
    ? { at, action, result, by: 'you', target, ip, details }
    : { at, action, result, by: actor.kind === 'system' ? 'the server' : 'someone else' };

export type PersonalData = ReturnType<typeof createPersonalData>;
