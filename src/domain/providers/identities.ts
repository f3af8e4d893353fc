import { sql } from 'kysely';
import { providerLimits } from '../../../config/identity-providers.ts';
import type { Database } from '../../../db/database.ts';
import { isUniqueViolation } from '../../../db/errors.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Accounts, accountNameLength, type ProfileChanges } from '../accounts/accounts.ts';
import { checkedProfile } from '../accounts/profile.ts';
import { byPerson, lockAccount } from '../accounts/sessions.ts';
import { hasSignInMethod } from '../accounts/sign-in-methods.ts';
import { actingAs } from '../audit/actor.ts';
import { recordEvent } from '../audit/events.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { recordMail } from '../mail/outbox.ts';
import { displayName } from '../names/display-names.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireMayManage } from '../roles/rules.ts';
import { serverActor } from '../roles/server-actor.ts';
import { rolesAfterSignIn, rolesByRules, rolesWithout } from './role-rules.ts';
import { domainOf } from './settings.ts';
import type { IdentityProvider, UpstreamIdentity } from './types.ts';

/** An identity of an account, as its owner sees it. */
export interface LinkedIdentity {
  id: string;
  provider_id: string;
  /** The name of the provider. */
  provider: string;
  /** Whether people can sign in with the provider at the moment. */
  enabled: boolean;
  email: string | null;
  username: string | null;
  created_at: Date;
  last_used_at: Date | null;
}

/** What a sign-in at a provider means here. */
export type FederatedSignIn =
  | { outcome: 'known' | 'created'; identityId: string; accountId: string }
  /** The identity belongs to no account. The person can prove one that they have. */
  | { outcome: 'unknown'; reason: 'has_account' | 'no_rule' | 'unverified' | 'domain' }
  | { outcome: 'disabled' };

interface Key {
  providerId: string;
  issuer: string;
  subject: string;
}

/** Identities at other providers: whose they are, and accounts that providers create. */
export function createIdentities({
  database: { kysely },
  accounts,
}: {
  database: Pick<Database, 'kysely'>;
  accounts: Pick<Accounts, 'create' | 'update' | 'describe'>;
}) {
  const find = (
    connection: Connection,
    { providerId, issuer, subject }: Key,
  ): Promise<{ id: string; accountId: string; isDisabled: boolean } | undefined> =>
    connection
      .selectFrom('linked_identity as i')
      .innerJoin('account as a', 'a.id', 'i.account_id')
      .select([
        'i.id',
        'i.account_id as accountId',
        sql<boolean>`a.disabled_at is not null`.as('isDisabled'),
      ])
      .where('i.provider_id', '=', providerId)
      .where('i.issuer', '=', issuer)
      .where('i.subject', '=', subject)
      .executeTakeFirst();

  const insert = async (
    transaction: Connection,
    accountId: string,
    { providerId, issuer, subject }: Key,
    { email, username }: Pick<UpstreamIdentity, 'email' | 'username'>,
  ): Promise<string> => {
    const { id } = await transaction
      .insertInto('linked_identity')
      .values({
        provider_id: providerId,
        issuer,
        subject,
        account_id: accountId,
        email,
        username,
        last_used_at: sql<Date>`now()`,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await recordEvent(transaction, {
      action: 'identity.linked',
      target: { kind: 'account', id: accountId },
      details: { provider: providerId, identity: id },
    });
    return id;
  };

  /** Takes over what the rules of the provider say about the person: their roles, and their name and picture. */
  const applyRules = (
    provider: IdentityProvider,
    identityId: string,
    accountId: string,
    identity: UpstreamIdentity,
  ): Promise<void> =>
    kysely.transaction().execute(async (transaction) => {
      await lockAccount(transaction, accountId);
      const links = await transaction
        .selectFrom('linked_identity')
        .select(['id', 'roles'])
        .where('account_id', '=', accountId)
        .execute();
      const [account] = await transaction
        .selectFrom('account')
        .select('roles')
        .where('id', '=', accountId)
        .execute();
      if (!account) return;
      const now = await existing(transaction, rolesByRules(provider.role_rules, identity.claims));
      const { roles, byRules } = rolesAfterSignIn({
        roles: account.roles,
        before: links.find(({ id }) => id === identityId)?.roles ?? [],
        elsewhere: links.filter(({ id }) => id !== identityId).flatMap((link) => link.roles),
        now,
      });
      await transaction
        .updateTable('linked_identity')
        .set({ roles: byRules })
        .where('id', '=', identityId)
        .execute();
      await accounts.update(
        serverActor,
        accountId,
        { roles, ...(provider.updates_profile && (await profileOf(identity))) },
        () => {},
        transaction,
      );
    });

  return {
    /** The ID of the enabled account that has connected an identity. It is not a sign-in, so no rule applies. */
    async accountOf(
      { id: providerId }: Pick<IdentityProvider, 'id'>,
      { issuer, subject }: Pick<UpstreamIdentity, 'issuer' | 'subject'>,
    ): Promise<string | undefined> {
      const found = await orUnavailable(() => find(kysely, { providerId, issuer, subject }));
      return found && !found.isDisabled ? found.accountId : undefined;
    },

    /**
     * Finds or creates the account of an identity, by the rules of the provider, and applies the other rules. People who
     * have an account already prove it first (`link`). Throws nothing for a person whom the rules refuse. `mayCreate`: false for
     * a person who is signed in already.
     */
    async signIn(
      provider: IdentityProvider,
      identity: UpstreamIdentity,
      { mayCreate = true }: { mayCreate?: boolean } = {},
    ): Promise<FederatedSignIn> {
      const key = { providerId: provider.id, issuer: identity.issuer, subject: identity.subject };
      const found = await orUnavailable(() => find(kysely, key));
      if (found?.isDisabled) return { outcome: 'disabled' };
      if (found) {
        const { id: identityId, accountId } = found;
        await orUnavailable(() =>
          kysely
            .updateTable('linked_identity')
            .set({
              last_used_at: sql<Date>`now()`,
              email: identity.email,
              username: identity.username,
            })
            .where('id', '=', identityId)
            .execute(),
        );
        await applied(() => applyRules(provider, identityId, accountId, identity));
        return { outcome: 'known', identityId, accountId };
      }
      const refused = mayCreate ? refusalOf(provider, identity) : 'has_account';
      if (refused) return { outcome: 'unknown', reason: refused };
      try {
        return await orUnavailable(() => create(provider, key, identity));
      } catch (error) {
        const isTaken = error instanceof OAuthError && error.code === 'conflict';
        if (isTaken || isUniqueViolation(error))
          return { outcome: 'unknown', reason: 'has_account' };
        throw error;
      }
    },

    /**
     * Adds an identity to an account; the caller has verified that the person has just proven both. Idempotent. Throws
     * `conflict` if it belongs to another account.
     */
    link: (
      accountId: string,
      key: Key,
      shown: Pick<UpstreamIdentity, 'email' | 'username'>,
    ): Promise<string> =>
      byPerson(accountId, undefined, () =>
        orUnavailable(() =>
          kysely.transaction().execute(async (transaction) => {
            await lockAccount(transaction, accountId);
            const found = await find(transaction, key);
            if (found?.accountId === accountId) return found.id;
            if (found)
              throw new OAuthError(
                'conflict',
                'This sign-in is connected to another account. Disconnect it there first.',
              );
            const { count } = await transaction
              .selectFrom('linked_identity')
              .select(({ fn }) => fn.countAll<string>().as('count'))
              .where('account_id', '=', accountId)
              .executeTakeFirstOrThrow();
            if (Number(count) >= providerLimits.identities)
              throw new OAuthError(
                'conflict',
                `An account can have at most ${providerLimits.identities} of these. Disconnect one first.`,
              );
            const id = await insert(transaction, accountId, key, shown);
            await recordMail(transaction, {
              kind: 'provider_linked',
              accountId,
              details: {
                provider: await nameOfProvider(transaction, key.providerId),
                shown: shown.email ?? shown.username,
                at: new Date().toISOString(),
              },
            });
            return id;
          }),
        ),
      ),

    /**
     * Removes an identity of an account, with the roles that rules gave through it: no later sign-in would take them away. False if the
     * account has none with this ID. Throws `access_denied`, and `conflict` if the person could not sign in otherwise, or is the last
     * administrator by such a role. `actor`: an administrator does it, who must be allowed to manage the account.
     */
    unlink: async (
      accountId: string,
      identityId: string,
      actor?: ManagementActor,
    ): Promise<boolean> => {
      if (!isUuid(accountId) || !isUuid(identityId)) return false;
      return orUnavailable(() =>
        kysely.transaction().execute(async (transaction) => {
          const account = await transaction
            .selectFrom('account')
            .select('roles')
            .where('id', '=', accountId)
            .forNoKeyUpdate()
            .executeTakeFirst();
          if (actor) await requireMayManage(transaction, actor, account?.roles);
          const removed = await transaction
            .deleteFrom('linked_identity')
            .where('id', '=', identityId)
            .where('account_id', '=', accountId)
            .returning(['provider_id', 'email', 'username', 'roles'])
            .executeTakeFirst();
          if (!removed) return false;
          await requireAnotherWay(transaction, accountId);
          await recordEvent(transaction, {
            action: 'identity.unlinked',
            target: { kind: 'account', id: accountId },
            details: { provider: removed.provider_id, identity: identityId },
          });
          await recordMail(transaction, {
            kind: 'provider_unlinked',
            accountId,
            details: {
              provider: await nameOfProvider(transaction, removed.provider_id),
              at: new Date().toISOString(),
              shown: removed.email ?? removed.username,
            },
          });
          const elsewhere = await transaction
            .selectFrom('linked_identity')
            .select('roles')
            .where('account_id', '=', accountId)
            .execute();
          const roles = rolesWithout(account?.roles ?? [], {
            removed: removed.roles,
            elsewhere: elsewhere.flatMap((link) => link.roles),
          });
          if (roles.length !== account?.roles.length)
            await accounts.update(serverActor, accountId, { roles }, () => {}, transaction);
          return true;
        }),
      );
    },

    /** The identities of an account, the oldest first. */
    list: async (accountId: string): Promise<LinkedIdentity[]> =>
      isUuid(accountId)
        ? orUnavailable(() =>
            kysely
              .selectFrom('linked_identity as i')
              .innerJoin('identity_provider as p', 'p.id', 'i.provider_id')
              .select([
                'i.id',
                'i.provider_id',
                'p.name as provider',
                'p.enabled',
                'i.email',
                'i.username',
                'i.created_at',
                'i.last_used_at',
              ])
              .where('i.account_id', '=', accountId)
              .orderBy('i.created_at')
              .orderBy('i.id')
              .execute(),
          )
        : [],
  };

  /** Creates an account with an identity, in one transaction. */
  function create(
    provider: IdentityProvider,
    key: Key,
    identity: UpstreamIdentity,
  ): Promise<FederatedSignIn> {
    return actingAs({ kind: 'system', id: null }, () =>
      kysely.transaction().execute(async (transaction) => {
        const byRules = await existing(
          transaction,
          rolesByRules(provider.role_rules, identity.claims),
        );
        const { id: accountId } = await accounts.create(
          serverActor,
          {
            name: nameOf(identity) ?? identity.email?.replace(/@.*$/, '') ?? '',
            email: identity.email,
            email_verified: true,
            roles: byRules,
            ...(await pictureOf(identity)),
          },
          transaction,
        );
        const identityId = await insert(transaction, accountId, key, identity);
        await transaction
          .updateTable('linked_identity')
          .set({ roles: byRules })
          .where('id', '=', identityId)
          .execute();
        return { outcome: 'created', identityId, accountId };
      }),
    );
  }
}

/** Why the rules create no account for an identity; undefined if they do. */
function refusalOf(
  { create_accounts, allowed_domains, trusts_email }: IdentityProvider,
  { email, emailVerified }: UpstreamIdentity,
): Extract<FederatedSignIn, { outcome: 'unknown' }>['reason'] | undefined {
  if (create_accounts === 'no') return 'no_rule';
  if (email === null || !emailVerified || !trusts_email) return 'unverified';
  const domain = domainOf(email);
  const isAllowed =
    domain !== undefined && (allowed_domains.includes('*') || allowed_domains.includes(domain));
  return isAllowed ? undefined : 'domain';
}

/** Roles that have been deleted since are left out. */
async function existing(transaction: Connection, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const rows = await transaction
    .selectFrom('role')
    .select('name')
    .where('name', 'in', names)
    .forKeyShare()
    .execute();
  return rows.map(({ name }) => name).sort();
}

const nameOfProvider = async (transaction: Connection, id: string): Promise<string> =>
  (
    await transaction
      .selectFrom('identity_provider')
      .select('name')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
  ).name;

/** Throws `conflict` if an account has neither a password, nor a passkey, nor another identity to sign in with. */
async function requireAnotherWay(transaction: Connection, accountId: string): Promise<void> {
  const account = await transaction
    .selectFrom('account')
    .select(hasSignInMethod.as('can'))
    .where('id', '=', accountId)
    .executeTakeFirst();
  if (!account?.can)
    throw new OAuthError(
      'conflict',
      'This is the only way to sign in to the account. Set a password or connect another one first.',
    );
}

/** A rule that would remove the last administrator changes nothing. */
async function applied(apply: () => Promise<void>): Promise<void> {
  try {
    await orUnavailable(apply);
  } catch (error) {
    if (!(error instanceof OAuthError && error.code === 'conflict')) throw error;
  }
}

/** The name of a person, if it is one that people here can have. */
function nameOf({ name, username }: UpstreamIdentity): string | undefined {
  for (const given of [name, username]) {
    if (!given) continue;
    try {
      return displayName(given, { parameter: 'name', maxLength: accountNameLength });
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
    }
  }
  return undefined;
}

/** The picture of a person, if it is one that accounts can have. */
async function pictureOf({ picture }: UpstreamIdentity): Promise<Partial<ProfileChanges>> {
  try {
    return picture === null ? {} : await checkedProfile({ picture });
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return {};
  }
}

async function profileOf(identity: UpstreamIdentity): Promise<ProfileChanges> {
  const name = nameOf(identity);
  return { ...(name !== undefined && { name }), ...(await pictureOf(identity)) };
}

export type Identities = ReturnType<typeof createIdentities>;
