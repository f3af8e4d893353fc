import { sql } from 'kysely';
import { providerLimits } from '../../../config/identity-providers.ts';
import type { Database } from '../../../db/database.ts';
import type { Connection } from '../../../db/schema.ts';
import type { Keyring } from '../../crypto/sealing.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { diffOf, isSame, recordEvent } from '../audit/events.ts';
import { assertAllExist } from '../database/existence.ts';
import type { Precondition } from '../database/precondition.ts';
import { orUnavailable } from '../database/retry.ts';
import { hasVerifiedPasskey } from '../passkeys/has-passkey.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireEveryScope } from '../roles/rules.ts';
import { providerSecretPlace } from './secret.ts';
import {
  checkedSettings,
  domainOf,
  type NewProvider,
  type ProviderChanges,
  settingsOf,
} from './settings.ts';
import type { IdentityProvider, ProviderSettings, ProviderUse } from './types.ts';

const columns = [
  'id',
  'name',
  'kind',
  'issuer',
  'client_id',
  sql<boolean>`sealed_secret is not null`.as('has_client_secret'),
  'scopes',
  'domains',
  'create_accounts',
  'allowed_domains',
  'role_rules',
  'updates_profile',
  'trusts_email',
  'trusts_second_factor',
  'second_factor_values',
  'sign_out',
  'private_network',
  'enabled',
  'position',
  'created_at',
  'updated_at',
] as const;

/** Begins a name, and is safe in URLs and cookies. */
const validId = /^[a-z][a-z0-9-]{0,39}$/;

/** Paths below `/sign-in/with` that are no providers. */
const reserved = ['password'];

/**
 * The identity providers of an installation. They decide who gets in, and with which roles, so only callers with every scope
 * change them.
 */
export function createProviders({ database, keyring }: { database: Database; keyring: Keyring }) {
  const { kysely } = database;

  const locked = (transaction: Connection, id: string): Promise<IdentityProvider | undefined> =>
    transaction
      .selectFrom('identity_provider')
      .select(columns)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();

  /** Runs a change alone: two providers must not get the same domain at the same time. */
  const change = <Result>(run: (transaction: Connection) => Promise<Result>): Promise<Result> =>
    orUnavailable(() =>
      kysely.transaction().execute(async (transaction) => {
        await sql`select pg_advisory_xact_lock(hashtext('writ identity providers'))`.execute(
          transaction,
        );
        return run(transaction);
      }),
    );

  const sealed = (id: string, secret: string | null): Buffer | null =>
    secret === null ? null : keyring.seal(providerSecretPlace(id), secret);

  const requireReferences = async (
    transaction: Connection,
    id: string,
    { domains, role_rules }: Pick<ProviderSettings, 'domains' | 'role_rules'>,
  ): Promise<void> => {
    await assertAllExist(transaction, 'role', {
      role_rules: role_rules.flatMap(({ roles }) => roles),
    });
    if (domains.length === 0) return;
    const { rows } = await sql<{ id: string; domain: string }>`
      select p.id, d.domain from identity_provider p, unnest(p.domains) as d (domain)
      where p.id <> ${id} and d.domain = any (${domains}::text[]) limit 1`.execute(transaction);
    const [taken] = rows;
    if (taken)
      throw new OAuthError(
        'conflict',
        `Addresses of ${taken.domain} are sent to ${taken.id} already.`,
        { parameter: 'domains' },
      );
  };

  const all = (): Promise<IdentityProvider[]> =>
    orUnavailable(() =>
      kysely
        .selectFrom('identity_provider')
        .select(columns)
        .orderBy('position')
        .orderBy('id')
        .execute(),
    );

  return {
    /** Every provider, in the order of their buttons. */
    all,

    /** The providers that people can sign in with, in the order of their buttons. */
    enabled: async (): Promise<IdentityProvider[]> =>
      (await all()).filter(({ enabled }) => enabled),

    /** Finds a provider, including a disabled one. */
    find: async (id: string): Promise<IdentityProvider | undefined> =>
      validId.test(id)
        ? orUnavailable(() =>
            kysely
              .selectFrom('identity_provider')
              .select(columns)
              .where('id', '=', id)
              .executeTakeFirst(),
          )
        : undefined,

    /** The provider that people with this address sign in with, if their domain has one. */
    async forAddress(email: string): Promise<IdentityProvider | undefined> {
      const domain = domainOf(email);
      if (domain === undefined) return undefined;
      return (await all()).find(({ enabled, domains }) => enabled && domains.includes(domain));
    },

    /** Who signs in with a provider, and for how many it is the only way. */
    use: (id: string): Promise<ProviderUse> =>
      orUnavailable(async () => {
        const { rows } = await sql<ProviderUse>`
          select count(distinct account.id)::int as accounts, max(l.last_used_at) as "lastUsedAt",
            count(distinct account.id) filter (where account.deleted_at is null
              and not (account.email is not null and account.password_hash is not null)
              and not ${hasVerifiedPasskey}
              and not exists (
                select from linked_identity o join identity_provider p on p.id = o.provider_id
                where o.account_id = account.id and p.id <> l.provider_id and p.enabled))::int as dependent
          from linked_identity l join account on account.id = l.account_id
          where l.provider_id = ${id}`.execute(kysely);
        return rows[0] ?? { accounts: 0, dependent: 0, lastUsedAt: null };
      }),

    /** The client secret of a provider; undefined if it has none. Throws SealError if no key opens it. */
    async secretOf(id: string): Promise<string | undefined> {
      const row = await orUnavailable(() =>
        kysely
          .selectFrom('identity_provider')
          .select('sealed_secret')
          .where('id', '=', id)
          .executeTakeFirst(),
      );
      if (!row?.sealed_secret) return undefined;
      return keyring.open(providerSecretPlace(id), row.sealed_secret).toString('utf8');
    },

    /**
     * Creates a provider. Throws `access_denied` without every scope, `conflict` if the ID or a domain is in use, and
     * `invalid_request` with every problem of the settings.
     */
    create: async (
      actor: ManagementActor,
      id: string,
      given: NewProvider,
    ): Promise<IdentityProvider> => {
      requireEveryScope(actor, 'create identity providers');
      if (!validId.test(id) || reserved.includes(id))
        throw parameterError(
          'invalid_request',
          'id',
          'must have 1 to 40 lower-case letters, digits and dashes, start with a letter, and not be "password".',
        );
      const settings = await settingsOf(id, given);
      return change(async (transaction) => {
        const { count } = await transaction
          .selectFrom('identity_provider')
          .select(({ fn }) => fn.countAll<string>().as('count'))
          .executeTakeFirstOrThrow();
        if (Number(count) >= providerLimits.providers)
          throw new OAuthError(
            'conflict',
            `There are ${providerLimits.providers} providers already, which is the maximum.`,
          );
        if (await locked(transaction, id))
          throw new OAuthError('conflict', `There is a provider ${id} already.`, {
            parameter: 'id',
          });
        await requireReferences(transaction, id, settings);
        const provider = await transaction
          .insertInto('identity_provider')
          .values({
            id,
            ...columnsOf(settings),
            sealed_secret: sealed(id, settings.client_secret),
          })
          .returning(columns)
          .executeTakeFirstOrThrow();
        const { issuer, client_id, create_accounts, role_rules } = provider;
        await recordEvent(transaction, {
          action: 'identity_provider.created',
          target: { kind: 'identity_provider', id },
          details: { issuer, client_id, create_accounts, role_rules },
        });
        return provider;
      });
    },

    /**
     * Changes a provider; absent fields stay. `precondition` receives the current, locked provider and can throw. Undefined if
     * it does not exist. Throws as `create`, and `conflict` for another issuer while accounts have identities of this one:
     * the new issuer could name any of them.
     */
    update: async (
      actor: ManagementActor,
      id: string,
      changes: ProviderChanges,
      precondition: Precondition<IdentityProvider> = () => {},
    ): Promise<IdentityProvider | undefined> => {
      requireEveryScope(actor, 'change identity providers');
      return change(async (transaction) => {
        const before = await locked(transaction, id);
        precondition(before);
        if (!before) return undefined;
        const { has_client_secret, created_at, updated_at, ...current } = before;
        const given = Object.fromEntries(
          Object.entries(changes).filter(([, value]) => value !== undefined),
        );
        const { client_secret: secret } = changes;
        const settings = await checkedSettings(
          // The rules only ask whether there is a secret, so one that stays is not opened.
          { ...current, client_secret: has_client_secret ? '' : null, ...given },
          before,
        );
        await requireReferences(transaction, id, settings);
        if (settings.issuer !== before.issuer || settings.kind !== before.kind)
          await requireNoIdentities(transaction, before);
        const { client_secret: _secret, ...next } = settings;
        if (secret === undefined && isSame(current, { ...current, ...next })) return before;
        const provider = await transaction
          .updateTable('identity_provider')
          .set({
            ...columnsOf(settings),
            ...(secret !== undefined && { sealed_secret: sealed(id, secret) }),
            updated_at: sql<Date>`clock_timestamp()`,
          })
          .where('id', '=', id)
          .returning(columns)
          .executeTakeFirstOrThrow();
        const { updated_at: _before, ...shownBefore } = before;
        const { updated_at: _after, ...shownAfter } = provider;
        await recordEvent(transaction, {
          action: 'identity_provider.updated',
          target: { kind: 'identity_provider', id },
          details: {
            ...diffOf({ ...shownBefore }, { ...shownAfter }),
            ...(secret !== undefined && { client_secret: 'changed' }),
          },
        });
        return provider;
      });
    },

    /** Deletes a provider, and with it which identities belonged to which accounts. False if it does not exist. */
    delete: async (
      actor: ManagementActor,
      id: string,
      precondition: Precondition<IdentityProvider> = () => {},
    ): Promise<boolean> => {
      requireEveryScope(actor, 'delete identity providers');
      return change(async (transaction) => {
        const provider = await locked(transaction, id);
        precondition(provider);
        if (!provider) return false;
        const { numDeletedRows } = await transaction
          .deleteFrom('linked_identity')
          .where('provider_id', '=', id)
          .executeTakeFirst();
        await transaction.deleteFrom('identity_provider').where('id', '=', id).execute();
        await recordEvent(transaction, {
          action: 'identity_provider.deleted',
          target: { kind: 'identity_provider', id },
          details: { issuer: provider.issuer, identities: Number(numDeletedRows) },
        });
        return true;
      });
    },
  };
}

const columnsOf = ({ client_secret: _secret, role_rules, ...settings }: ProviderSettings) => ({
  ...settings,
  role_rules: JSON.stringify(role_rules),
});

async function requireNoIdentities(
  transaction: Connection,
  { id, issuer }: IdentityProvider,
): Promise<void> {
  const linked = await transaction
    .selectFrom('linked_identity')
    .select('id')
    .where('provider_id', '=', id)
    .limit(1)
    .executeTakeFirst();
  if (linked)
    throw new OAuthError(
      'conflict',
      `Accounts are linked to identities of ${issuer}. Create another provider for the new issuer, or delete this one first.`,
      { parameter: 'issuer' },
    );
}

export type Providers = ReturnType<typeof createProviders>;
