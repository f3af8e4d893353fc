import { type RawBuilder, sql } from 'kysely';
import { ownerRole } from '../../../config/apps.ts';
import type { Database, Statement } from '../../../db/database.ts';
import { isUniqueViolation } from '../../../db/errors.ts';
import type { AcceptedTerms, Connection, PostalAddress } from '../../../db/schema.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { checkEach } from '../../oauth/check-each.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { recordChange } from '../audit/change-feed.ts';
import { diffOf, isSame, recordEvent } from '../audit/events.ts';
import { disableThirdPartyApps, enableThirdPartyApps } from '../clients/apps-of-author.ts';
import { deleteKeyPairs } from '../clients/key-pair-deletion.ts';
import { assertAllExist } from '../database/existence.ts';
import type { Precondition } from '../database/precondition.ts';
import { orUnavailable } from '../database/retry.ts';
import { isUuid } from '../database/text-checks.ts';
import { forgetConsents } from '../grants/consent/memory.ts';
import { recordMail } from '../mail/outbox.ts';
import { displayName } from '../names/display-names.ts';
import { isMore, readApiScopes } from '../roles/api-scopes.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireMayManage } from '../roles/rules.ts';
import { hasSecondFactor } from './account-factors.ts';
import {
  isEnabledAdministrator,
  losesAdministrator,
  requireAnotherAdministrator,
} from './administrators.ts';
import { endFootholds } from './footholds.ts';
import { revokeLinks } from './mailed-links.ts';
import { checkAttributes, checkedProfile, type PersonalProfile, type Profile } from './profile.ts';
import { byPerson, endSessionsOf } from './sessions.ts';

/** Maximum length of a person's name, in characters as people count them (grapheme clusters). */
export const accountNameLength = 200;

/** A person. The id is the `sub` of their tokens and is never reused. */
export interface Account {
  id: string;
  name: string;
  email: string | null;
  roles: string[];
  epoch: number;
}

/** An account as administrators see it. */
export interface AccountDescription extends Profile {
  id: string;
  email: string | null;
  /** Whether the email address is known to be the person's. */
  email_verified: boolean;
  name: string;
  roles: string[];
  /** Whether the person has set a password to sign in with. */
  has_password: boolean;
  /** Whether the person has a second factor: an authenticator app or a passkey. */
  second_factor: boolean;
  password_changed_at: Date | null;
  last_sign_in_at: Date | null;
  /** Anything that administrators want to know about the person. */
  attributes: Record<string, unknown>;
  /** When the person registered, while an administrator has not approved it; the account is disabled until then. */
  approval_requested_at: Date | null;
  /** What the person accepted when they registered; null for other accounts, and without terms. */
  accepted_terms: AcceptedTerms | null;
  disabled_at: Date | null;
  created_at: Date;
  /** When the name, the email address or the profile last changed. */
  profile_updated_at: Date;
}

/** What apps can read about a person, if their scopes allow it. */
export type AccountClaims = Pick<Account, 'name' | 'email'> &
  Profile &
  Pick<AccountDescription, 'email_verified' | 'profile_updated_at'>;

/** The fields that a caller sets. */
export interface NewAccount extends Partial<PersonalProfile> {
  name: string;
  email?: string | null | undefined;
  roles?: string[] | undefined;
  /** False if the email address changes and this is absent. */
  email_verified?: boolean | undefined;
  phone_number_verified?: boolean | undefined;
  address?: PostalAddress | null | undefined;
  attributes?: Record<string, unknown> | undefined;
}

/**
 * SQL condition: every word of a search is the beginning of one in the name or the email address, or it is the ID. The array is
 * evaluated first, by the index `account_search`, whatever the order of the list.
 */
function matches(search: string): RawBuilder<boolean> {
  const text = search.trim();
  if (isUuid(text)) return sql<boolean>`id = ${text}::uuid`;
  // As `account_words` separates them: no word has a character that a tsquery knows.
  const words = text.split(/[\0-/:-@[-`{-\x7f]+/).filter(Boolean);
  if (words.length === 0) return sql<boolean>`false`;
  const query = words.map((word) => `'${word}':*`).join(' & ');
  return sql<boolean>`id = any (array(select id from account
    where deleted_at is null and account_words(name, email) @@ lower(${query})::tsquery))`;
}

/** SQL condition: exactly this is the name; case is ignored. By the index `account_name`; of accounts with the same name `limit`. */
const isNamed = (name: string, limit: number): RawBuilder<boolean> =>
  sql<boolean>`id = any (array(select id from account
    where deleted_at is null and lower(left(name, 200)) = lower(left(${name}, 200)) limit ${limit}))`;

/** What a person can change. */
export type ProfileChanges = Partial<PersonalProfile & { name: string }>;

const profileColumns = [
  'email_verified',
  'given_name',
  'family_name',
  'nickname',
  'picture',
  'locale',
  'zoneinfo',
  'phone_number',
  'phone_number_verified',
  'address',
  'profile_updated_at',
] as const;

const columns = [
  'id',
  'email',
  'name',
  'roles',
  sql<boolean>`password_hash is not null`.as('has_password'),
  hasSecondFactor('account.id').as('second_factor'),
  'password_changed_at',
  'last_sign_in_at',
  ...profileColumns,
  'attributes',
  'approval_requested_at',
  'accepted_terms',
  'disabled_at',
  'created_at',
] as const;

const find: Statement = {
  name: 'account-find',
  text: 'select id, name, email, roles, epoch from account where id = $1::uuid and disabled_at is null',
};

const findClaims: Statement = {
  name: 'account-claims',
  text: `select name, email, ${profileColumns.join(', ')} from account where id = $1::uuid and disabled_at is null`,
};

/** The accounts of people. */
export function createAccounts({ database }: { database: Database }) {
  const { kysely } = database;

  const locked = (transaction: Connection, id: string): Promise<AccountDescription | undefined> =>
    transaction
      .selectFrom('account')
      .select(columns)
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .forUpdate()
      .executeTakeFirst();

  /** Updates the account row, and records the event and the change that offline verifiers follow. */
  const change = async (
    id: string,
    action: 'account.disabled' | 'account.enabled' | 'account.tokens_revoked',
    disabled: boolean | undefined,
    check: Check = () => {},
    connection: Connection = kysely,
  ): Promise<boolean> => {
    if (!isUuid(id)) return false;
    return inTransaction(connection, async (transaction) => {
      const before = await locked(transaction, id);
      await check(before, transaction);
      // Nothing to do: the tokens and sessions were revoked when the account was disabled.
      if (before && disabled !== undefined && (before.disabled_at !== null) === disabled)
        return true;
      if (disabled && before && isEnabledAdministrator(before))
        await requireAnotherAdministrator(transaction, id);
      const isApproved = disabled === false && before?.approval_requested_at != null;
      const changed = await transaction
        .updateTable('account')
        .set((eb) => ({
          ...(disabled !== undefined && { disabled_at: disabled ? sql<Date>`now()` : null }),
          ...(isApproved && { approval_requested_at: null }),
          epoch: eb('epoch', '+', action === 'account.enabled' ? 0 : 1),
        }))
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .returning('epoch')
        .executeTakeFirst();
      if (!changed) return false;
      const { epoch } = changed;
      const complete = async () => {
        if (disabled) await revokeLinks(transaction, id);
        if (action === 'account.tokens_revoked') {
          await deleteKeyPairs(transaction, id);
          await forgetConsents(transaction, id);
        }
        await recordEvent(transaction, {
          action: isApproved ? 'account.approved' : action,
          target: { kind: 'account', id },
        });
        if (isApproved)
          await recordMail(transaction, {
            kind: 'registration_approved',
            accountId: id,
            details: {},
          });
        if (action === 'account.disabled') await disableThirdPartyApps(transaction, id);
        if (action === 'account.enabled') await enableThirdPartyApps(transaction, id);
        await recordChange(transaction, { kind: action, accountId: id, epoch });
        return true;
      };
      return disabled
        ? endSessionsOf(transaction, id, { grantsRevokedByEpoch: true }, complete)
        : complete();
    });
  };

  /**
   * Updates an account and records the event. `check` receives the current, locked account and throws to refuse.
   */
  const write = async (
    id: string,
    changes: Partial<NewAccount>,
    check: Check = () => {},
    connection: Connection = kysely,
  ): Promise<AccountDescription | undefined> => {
    if (!isUuid(id)) return undefined;
    return unlessTaken(changes.email, () =>
      inTransaction(connection, async (transaction) => {
        const before = await locked(transaction, id);
        await check(before, transaction);
        if (!before) return undefined;
        await assertAllExist(transaction, 'role', { roles: changes.roles });
        const next = await fieldsOf(changes, before);
        if (isSame({ ...before }, { ...before, ...next })) return before;
        if (await losesAdministrator(transaction, id, before, { ...before, ...next }))
          await requireAnotherAdministrator(transaction, id);
        const { attributes, ...ofProfile } = next;
        const { epoch, ...account } = await transaction
          .updateTable('account')
          .set({
            ...ofProfile,
            address: next.address === null ? null : JSON.stringify(next.address),
            attributes: JSON.stringify(attributes),
            ...(!isSame(shownOf(before), shownOf(next)) && {
              profile_updated_at: sql<Date>`now()`,
            }),
          })
          .where('id', '=', id)
          .returning(['epoch', ...columns])
          .executeTakeFirstOrThrow();
        const promoted = isMore(
          await readApiScopes(transaction, before.roles),
          await readApiScopes(transaction, account.roles),
        );
        const complete = async () => {
          if (account.email !== before.email) {
            await revokeLinks(transaction, id, { alsoReverts: true });
            await mailOldAddress(transaction, before, account);
          }
          await recordEvent(transaction, {
            action: 'account.updated',
            target: { kind: 'account', id },
            details: changesOf(before, account),
          });
          await recordChange(transaction, { kind: 'account.changed', accountId: id, epoch });
          return account;
        };
        return endFootholds(transaction, promoted ? [id] : [], complete);
      }),
    );
  };

  return {
    /** Finds an account that is not disabled. */
    async find(id: string): Promise<Account | undefined> {
      if (!isUuid(id)) return undefined;
      const [row] = await orUnavailable(() => database.query<Account>(find, [id]));
      return row;
    },

    /** What apps can read about a person whose account is not disabled. */
    async claims(id: string): Promise<AccountClaims | undefined> {
      if (!isUuid(id)) return undefined;
      const [row] = await orUnavailable(() => database.query<AccountClaims>(findClaims, [id]));
      return row;
    },

    /** Finds an account, including a disabled one. */
    describe: async (id: string): Promise<AccountDescription | undefined> =>
      isUuid(id)
        ? kysely
            .selectFrom('account')
            .select(columns)
            .where('id', '=', id)
            .where('deleted_at', 'is', null)
            .executeTakeFirst()
        : undefined,

    /** The name of the person who has owned an app for the longest time; undefined if they have no name. */
    async ownerOfApp(app: string): Promise<string | undefined> {
      const owner = await kysely
        .selectFrom('app_member as m')
        .innerJoin('app as p', 'p.id', 'm.app_id')
        .innerJoin('account as a', 'a.id', 'm.account_id')
        .select('a.name')
        .where('p.name', '=', app)
        .where('m.role', '=', ownerRole)
        .orderBy('m.created_at')
        .executeTakeFirst();
      return owner?.name || undefined;
    },

    /** Names of accounts by id, including disabled ones. Unknown ids are omitted. */
    namesOf: async (ids: readonly string[]): Promise<Map<string, string>> => {
      const wanted = [...new Set(ids)].filter(isUuid);
      if (wanted.length === 0) return new Map();
      const rows = await kysely
        .selectFrom('account')
        .select(['id', 'name'])
        .where('id', 'in', wanted)
        .where('deleted_at', 'is', null)
        .execute();
      return new Map(rows.map(({ id, name }) => [id, name]));
    },

    /**
     * Lists accounts by id, after the cursor `after`; only the one with an email address, those with or without a second
     * factor, or those that wait for an administrator or do not, if that is given.
     */
    page: async ({
      after,
      limit,
      email,
      search,
      named,
      secondFactor,
      waiting,
      disabled,
    }: {
      after?: string | undefined;
      limit: number;
      email?: string | undefined;
      /** The beginnings of words of the name or of the email address, or the ID. */
      search?: string | undefined;
      /** The whole name; case is ignored. */
      named?: string | undefined;
      secondFactor?: boolean | undefined;
      waiting?: boolean | undefined;
      disabled?: boolean | undefined;
    }): Promise<AccountDescription[]> => {
      if (after !== undefined && !isUuid(after))
        throw parameterError('invalid_request', 'after', 'is not a cursor of this list.');
      return kysely
        .selectFrom('account')
        .select(columns)
        .where('deleted_at', 'is', null)
        .$if(after !== undefined, (query) => query.where('id', '>', String(after)))
        .$if(email !== undefined, (query) =>
          query.where(sql`lower(email)`, '=', sql<string>`lower(${email})`),
        )
        .$if(secondFactor !== undefined, (query) =>
          query.where(hasSecondFactor('account.id'), '=', Boolean(secondFactor)),
        )
        .$if(Boolean(search?.trim()), (query) => query.where(matches(search ?? '')))
        .$if(named !== undefined, (query) => query.where(isNamed(named ?? '', limit)))
        .$if(disabled !== undefined, (query) =>
          query.where('disabled_at', disabled ? 'is not' : 'is', null),
        )
        .$if(waiting !== undefined, (query) =>
          query.where('approval_requested_at', waiting ? 'is not' : 'is', null),
        )
        .orderBy('id')
        .limit(limit)
        .execute();
    },

    /**
     * Creates an account. Throws `access_denied` if the actor is not allowed to assign the roles, `conflict` if the
     * email address is in use, and `invalid_request` for an unknown role or an invalid name.
     */
    create: (
      actor: ManagementActor,
      given: NewAccount,
      connection: Connection = kysely,
    ): Promise<AccountDescription> =>
      unlessTaken(given.email, () =>
        inTransaction(connection, async (transaction) => {
          const { roles = [] } = given;
          await requireMayManage(transaction, actor, roles);
          await assertAllExist(transaction, 'role', { roles });
          const { attributes, address, ...fields } = await fieldsOf(given);
          const account = await transaction
            .insertInto('account')
            .values({
              ...fields,
              address: address === null ? null : JSON.stringify(address),
              attributes: JSON.stringify(attributes),
              disabled_at: null,
            })
            .returning(columns)
            .executeTakeFirstOrThrow();
          await recordEvent(transaction, {
            action: 'account.created',
            target: { kind: 'account', id: account.id },
            details: { email: account.email, roles },
          });
          return account;
        }),
      ),

    /**
     * Updates an account; introspection shows the new roles at once. A person who gets more scopes by them is signed out
     * (`footholds.ts`). `precondition` receives the current, locked
     * account and can throw. Undefined if the account does not exist. Throws `access_denied` if the actor is not
     * allowed to manage the account before or after the change, `conflict` for the last active administrator, who has to
     * keep the role and a way to sign in, otherwise as `create`. In a transaction of the caller it comes last.
     */
    update: (
      actor: ManagementActor,
      id: string,
      changes: Partial<NewAccount>,
      precondition: Precondition<AccountDescription> = () => {},
      connection: Connection = kysely,
    ): Promise<AccountDescription | undefined> =>
      write(
        id,
        changes,
        async (before, transaction) => {
          await requireMayManage(transaction, actor, before?.roles, changes.roles);
          precondition(before);
        },
        connection,
      ),

    /** Updates the fields that people can change themselves. Undefined if the account does not exist. */
    updateProfile: (id: string, changes: ProfileChanges) =>
      byPerson(id, undefined, () => write(id, personalChangesOf(changes))),

    /**
     * Disables an account: revokes its tokens and sessions, and disables the apps that the person registered
     * for others, since no one is responsible for them now. False if the account does not exist. Throws
     * `access_denied`, and `conflict` for the last active administrator.
     */
    disable: (actor: ManagementActor, id: string): Promise<boolean> =>
      change(id, 'account.disabled', true, (before, transaction) =>
        requireMayManage(transaction, actor, before?.roles),
      ),

    /**
     * Enables an account and the apps that were disabled with it. Revoked tokens stay revoked. An account that waits for an
     * administrator is approved by it. False if the account does not exist. Throws `access_denied`.
     */
    enable: (actor: ManagementActor, id: string): Promise<boolean> =>
      change(id, 'account.enabled', false, (before, transaction) =>
        requireMayManage(transaction, actor, before?.roles),
      ),

    /**
     * Approves the account of a person who registered, and notifies them. False if the account does not exist. Throws
     * `access_denied`, and `conflict` if it does not wait.
     */
    approve: (actor: ManagementActor, id: string): Promise<boolean> =>
      change(id, 'account.enabled', false, async (before, transaction) => {
        await requireMayManage(transaction, actor, before?.roles);
        requireWaiting(before);
      }),

    /** Revokes all tokens of an account. It can get new ones at once. False if it does not exist. Throws `access_denied`. */
    revokeTokens: (actor: ManagementActor, id: string, connection?: Connection): Promise<boolean> =>
      change(
        id,
        'account.tokens_revoked',
        undefined,
        (before, transaction) => requireMayManage(transaction, actor, before?.roles),
        connection,
      ),
  };
}

/**
 * The fields of an account after these changes, in the form that is stored. What is known about an email address or a
 * phone number does not hold for another one. Throws `invalid_request`.
 */
async function fieldsOf(changes: Partial<NewAccount>, before?: AccountDescription) {
  const { name, profile } = await checkEach({
    name: () =>
      changes.name === undefined && before ? before.name : asName(changes.name ?? '', before?.name),
    profile: () => checkedProfile(changes, before),
    attributes: () => checkAttributes(changes.attributes),
  });
  const email = changes.email === undefined ? (before?.email ?? null) : changes.email;
  const phone = profile.phone_number === undefined ? before?.phone_number : profile.phone_number;
  const next = {
    name,
    email,
    email_verified:
      changes.email_verified ?? (email === before?.email && (before?.email_verified ?? false)),
    roles: changes.roles ?? before?.roles ?? [],
    given_name: null,
    family_name: null,
    nickname: null,
    picture: null,
    locale: null,
    zoneinfo: null,
    ...(before && personalOf(before)),
    ...profile,
    phone_number: phone ?? null,
    phone_number_verified:
      changes.phone_number_verified ??
      (phone === before?.phone_number && (before?.phone_number_verified ?? false)),
    address: changes.address === undefined ? (before?.address ?? null) : changes.address,
    attributes: changes.attributes ?? before?.attributes ?? {},
  };
  for (const [verified, value] of [
    ['email_verified', next.email],
    ['phone_number_verified', next.phone_number],
  ] as const)
    if (next[verified] && value === null)
      throw parameterError('invalid_request', verified, 'there is nothing that could be verified.');
  return next;
}

const personalOf = ({
  given_name,
  family_name,
  nickname,
  picture,
  locale,
  zoneinfo,
}: PersonalProfile) => ({ given_name, family_name, nickname, picture, locale, zoneinfo });

/** Only the fields that people can change, whatever else an object has. */
const personalChangesOf = (changes: ProfileChanges): ProfileChanges =>
  Object.fromEntries(Object.entries(changes).filter(([field]) => personalFields.includes(field)));

const personalFields: readonly string[] = [
  'name',
  'given_name',
  'family_name',
  'nickname',
  'picture',
  'locale',
  'zoneinfo',
  'phone_number',
];

/** What apps see of an account. */
const shownOf = (shown: Awaited<ReturnType<typeof fieldsOf>>) => ({
  name: shown.name,
  email: shown.email,
  email_verified: shown.email_verified,
  ...personalOf(shown),
  phone_number: shown.phone_number,
  phone_number_verified: shown.phone_number_verified,
  address: shown.address,
});

/**
 * The details of an event. The audit log does not keep personal data, so of profile and attributes it has the names of
 * the changed fields; name and email address are deleted from it with the account.
 */
function changesOf(before: AccountDescription, after: AccountDescription): Record<string, unknown> {
  const { profile_updated_at: _time, ...changes } = diffOf({ ...before }, { ...after });
  const kept = ['name', 'email', 'roles', 'email_verified', 'phone_number_verified'];
  const fields = Object.keys(changes).filter((name) => !kept.includes(name));
  return {
    ...Object.fromEntries(Object.entries(changes).filter(([name]) => kept.includes(name))),
    ...(fields.length > 0 && { fields }),
  };
}

/** Validates a person's name. An unchanged name is always accepted. Throws `invalid_request`. */
const asName = (text: string, before?: string): string =>
  displayName(text, { parameter: 'name', maxLength: accountNameLength, before });

/** Throws `conflict` if an account does not wait for an administrator. */
export function requireWaiting(
  account: Pick<AccountDescription, 'id' | 'approval_requested_at'> | undefined,
): void {
  if (account && account.approval_requested_at === null)
    throw new OAuthError('conflict', `The account ${account.id} does not wait for approval.`);
}

/** Notifies the person at the address that an administrator has changed: later links and emails go to the new one. */
async function mailOldAddress(
  transaction: Connection,
  before: AccountDescription,
  { id: accountId, email }: AccountDescription,
): Promise<void> {
  if (before.email === null) return;
  await recordMail(transaction, {
    kind: 'email_changed',
    accountId,
    recipient: before.email,
    details: { email, at: new Date().toISOString(), ip: null },
  });
}

/** Called with the locked account before a change, and can throw. */
type Check = (
  before: AccountDescription | undefined,
  transaction: Connection,
) => void | Promise<void>;

export type Accounts = ReturnType<typeof createAccounts>;

async function unlessTaken<Result>(
  email: string | null | undefined,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    if (!isUniqueViolation(cause)) throw cause;
    throw new OAuthError('conflict', `Another account has the email address ${email}.`, {
      parameter: 'email',
      cause,
    });
  }
}
