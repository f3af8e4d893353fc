import { sql } from 'kysely';
import { reservedClientIdPrefix } from '../../../config/clients.ts';
import { issuerLimits } from '../../../config/trusted-issuers.ts';
import type { Database, Statement } from '../../../db/database.ts';
import { isUniqueViolation } from '../../../db/errors.ts';
import type { Connection } from '../../../db/schema.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { diffOf, isSame, recordEvent } from '../audit/events.ts';
import { isPublic } from '../clients/client-types.ts';
import { createLookup } from '../database/batch.ts';
import { assertAllExist } from '../database/existence.ts';
import type { Precondition } from '../database/precondition.ts';
import { orUnavailable } from '../database/retry.ts';
import type { ManagementActor } from '../roles/management-actor.ts';
import { requireEveryScope } from '../roles/rules.ts';
import {
  announceEnd,
  clientsThatLost,
  endsIssuedTokens,
  endTokensOf,
  newGeneration,
} from './ended-tokens.ts';
import { changedSettings, type IssuerChanges, type NewIssuer, settingsOf } from './settings.ts';
import type { IssuerSettings, TrustedIssuer } from './types.ts';

const columns = [
  'id',
  'name',
  'issuer',
  'jwks_uri',
  'jwks',
  'algorithms',
  'audiences',
  'uses',
  'rules',
  'provider_id',
  'max_age',
  'token_lifetime',
  'single_use',
  'private_network',
  'enabled',
  'generation',
  'created_at',
  'updated_at',
] as const;

/** Begins a name, and is safe in URLs. */
const validId = /^[a-z][a-z0-9-]{0,39}$/;

const byIssuer: Statement = {
  name: 'trusted-issuer-lookup',
  text: `select ${columns.join(', ')} from trusted_issuer where issuer = any ($1::text[])`,
};

const versions: Statement = {
  name: 'trusted-issuer-version',
  text: 'select issuer, updated_at as version from trusted_issuer where issuer = any ($1::text[]) and enabled',
};

/**
 * The issuers whose tokens are accepted here. A token of theirs replaces a secret, so only callers with every scope change them.
 */
export function createTrustedIssuers({ database }: { database: Database }) {
  const { kysely } = database;

  const load = createLookup<TrustedIssuer | undefined>({
    maxConcurrent: 2,
    run: async (issuers) => {
      const rows = await orUnavailable(() => database.query<TrustedIssuer>(byIssuer, [issuers]));
      const found = new Map(rows.map((row) => [row.issuer, row]));
      return issuers.map((issuer) => found.get(issuer));
    },
  });

  const loadVersion = createLookup<Date | undefined>({
    maxConcurrent: 2,
    run: async (issuers) => {
      const rows = await orUnavailable(() =>
        database.query<{ issuer: string; version: Date }>(versions, [issuers]),
      );
      const found = new Map(rows.map(({ issuer, version }) => [issuer, version]));
      return issuers.map((issuer) => found.get(issuer));
    },
  });

  const locked = (transaction: Connection, id: string): Promise<TrustedIssuer | undefined> =>
    transaction
      .selectFrom('trusted_issuer')
      .select(columns)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst() as Promise<TrustedIssuer | undefined>;

  const change = <Result>(run: (transaction: Connection) => Promise<Result>): Promise<Result> =>
    orUnavailable(() => kysely.transaction().execute(run)).catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error;
      throw new OAuthError('conflict', 'Another trusted issuer has this ID or this iss already.', {
        cause: error,
      });
    });

  return {
    /** Every issuer, by ID. */
    all: (): Promise<TrustedIssuer[]> =>
      orUnavailable(
        () =>
          kysely.selectFrom('trusted_issuer').select(columns).orderBy('id').execute() as Promise<
            TrustedIssuer[]
          >,
      ),

    /** Finds an issuer, including a disabled one. */
    find: async (id: string): Promise<TrustedIssuer | undefined> =>
      validId.test(id)
        ? orUnavailable(
            () =>
              kysely
                .selectFrom('trusted_issuer')
                .select(columns)
                .where('id', '=', id)
                .executeTakeFirst() as Promise<TrustedIssuer | undefined>,
          )
        : undefined,

    /** The issuer of tokens with this `iss`, as it is now; the calls of one tick share a statement. */
    byIssuer: async (issuer: string): Promise<TrustedIssuer | undefined> =>
      issuer.length > 500 || issuer.includes('\0') ? undefined : load(issuer),

    /** When the issuer with this `iss` was last changed; undefined if it is disabled or gone. */
    versionOf: (issuer: string): Promise<Date | undefined> => loadVersion(issuer),

    /**
     * Creates an issuer. Throws `access_denied` without every scope, `conflict` if its ID or `iss` is in use, and
     * `invalid_request` with every problem of the settings.
     */
    create: async (
      actor: ManagementActor,
      id: string,
      given: NewIssuer,
    ): Promise<TrustedIssuer> => {
      requireEveryScope(actor, 'create trusted issuers');
      if (!validId.test(id))
        throw parameterError(
          'invalid_request',
          'id',
          'must have 1 to 40 lower-case letters, digits and hyphens, and start with a letter.',
        );
      const settings = await settingsOf(id, given);
      return change(async (transaction) => {
        const { count } = await transaction
          .selectFrom('trusted_issuer')
          .select(({ fn }) => fn.countAll<string>().as('count'))
          .executeTakeFirstOrThrow();
        if (Number(count) >= issuerLimits.issuers)
          throw new OAuthError(
            'conflict',
            `There are ${issuerLimits.issuers} trusted issuers already, which is the maximum.`,
          );
        await requireReferences(transaction, settings);
        const created = (await transaction
          .insertInto('trusted_issuer')
          .values({ id, ...stored(settings) })
          .returning(columns)
          .executeTakeFirstOrThrow()) as TrustedIssuer;
        const { issuer, uses, rules } = created;
        await recordEvent(transaction, {
          action: 'trusted_issuer.created',
          target: { kind: 'trusted_issuer', id },
          details: { issuer, uses, rules },
        });
        return created;
      });
    },

    /**
     * Changes an issuer; absent fields stay. `precondition` receives the current, locked issuer and can throw. Undefined if it
     * does not exist. The tokens of clients that lose a rule end, and so do
     * those that were issued for its tokens if it is disabled, or loses keys or a use. Throws as `create`.
     */
    update: async (
      actor: ManagementActor,
      id: string,
      changes: IssuerChanges,
      precondition: Precondition<TrustedIssuer> = () => {},
    ): Promise<TrustedIssuer | undefined> => {
      requireEveryScope(actor, 'change trusted issuers');
      return change(async (transaction) => {
        const before = await locked(transaction, id);
        precondition(before);
        if (!before) return undefined;
        const settings = await changedSettings(before, changes);
        await requireReferences(transaction, settings, before);
        if (isSame({ ...before }, { ...before, ...settings })) return before;
        const after = (await transaction
          .updateTable('trusted_issuer')
          .set({ ...stored(settings), updated_at: sql<Date>`clock_timestamp()` })
          .where('id', '=', id)
          .returning(columns)
          .executeTakeFirstOrThrow()) as TrustedIssuer;
        const { updated_at: _before, generation: _old, ...shownBefore } = before;
        const { updated_at: _after, generation: _new, ...shownAfter } = after;
        await recordEvent(transaction, {
          action: 'trusted_issuer.updated',
          target: { kind: 'trusted_issuer', id },
          details: diffOf({ ...shownBefore }, { ...shownAfter }),
        });
        const isEnded = endsIssuedTokens(before, after);
        const generation = isEnded ? await newGeneration(transaction, id) : after.generation;
        await endTokensOf(transaction, before, clientsThatLost(before, after));
        if (isEnded) await announceEnd(transaction, before);
        return { ...after, generation };
      });
    },

    /**
     * Revokes every token that was issued for tokens of the issuer: access that it granted for people, exchanged tokens, and all
     * access and refresh tokens of the clients that it authenticates. The issuer stays trusted. False if it does not exist.
     */
    revokeTokens: async (actor: ManagementActor, id: string): Promise<boolean> => {
      requireEveryScope(actor, 'revoke the tokens of trusted issuers');
      return change(async (transaction) => {
        const before = await locked(transaction, id);
        if (!before) return false;
        await newGeneration(transaction, id);
        // A request that has read the issuer before gets no token for it any longer.
        await transaction
          .updateTable('trusted_issuer')
          .set({ updated_at: sql<Date>`clock_timestamp()` })
          .where('id', '=', id)
          .execute();
        await recordEvent(transaction, {
          action: 'trusted_issuer.tokens_revoked',
          target: { kind: 'trusted_issuer', id },
          details: { issuer: before.issuer },
        });
        await endTokensOf(transaction, before, clientsThatLost(before, undefined));
        await announceEnd(transaction, before);
        return true;
      });
    },

    /** Deletes an issuer; the tokens that it gave end. False if it does not exist. */
    delete: async (
      actor: ManagementActor,
      id: string,
      precondition: Precondition<TrustedIssuer> = () => {},
    ): Promise<boolean> => {
      requireEveryScope(actor, 'delete trusted issuers');
      return change(async (transaction) => {
        const before = await locked(transaction, id);
        precondition(before);
        if (!before) return false;
        await recordEvent(transaction, {
          action: 'trusted_issuer.deleted',
          target: { kind: 'trusted_issuer', id },
          details: { issuer: before.issuer, rules: before.rules.length },
        });
        await transaction.deleteFrom('trusted_issuer').where('id', '=', id).execute();
        await endTokensOf(transaction, before, clientsThatLost(before, undefined));
        await announceEnd(transaction, before);
        return true;
      });
    },
  };
}

export type TrustedIssuers = ReturnType<typeof createTrustedIssuers>;

const stored = ({ jwks, rules, ...settings }: IssuerSettings) => ({
  ...settings,
  jwks: jwks && JSON.stringify(jwks),
  rules: JSON.stringify(rules),
});

/** Throws `invalid_request` if a rule or the settings name something that does not exist or cannot be meant. */
async function requireReferences(
  transaction: Connection,
  { rules, provider_id }: IssuerSettings,
  before?: TrustedIssuer,
): Promise<void> {
  await assertAllExist(transaction, 'role', { rules: rules.flatMap(({ roles }) => roles ?? []) });
  if (provider_id !== null && provider_id !== before?.provider_id) {
    const provider = await transaction
      .selectFrom('identity_provider')
      .select('id')
      .where('id', '=', provider_id)
      .executeTakeFirst();
    if (!provider)
      throw parameterError(
        'invalid_request',
        'provider_id',
        `there is no identity provider ${provider_id}.`,
      );
  }
  const known = new Set(before?.rules.map(({ client }) => client));
  const names = [...new Set(rules.map(({ client }) => client))].filter((name) => !known.has(name));
  if (names.length === 0) return;
  const clients = await transaction
    .selectFrom('client')
    .select(['client_id', 'metadata', 'owner_id'])
    .where('client_id', 'in', names)
    .where('deleted_at', 'is', null)
    .execute();
  for (const [index, { client }] of rules.entries()) {
    if (!names.includes(client)) continue;
    const refuse = (problem: string) =>
      parameterError('invalid_request', `rules[${index}].client`, problem);
    const found = clients.find(({ client_id }) => client_id === client);
    if (!found) throw refuse(`there is no client ${client}. Create it first.`);
    if (client.startsWith(reservedClientIdPrefix)) throw refuse(`${client} is built in.`);
    if (found.owner_id !== null) throw refuse(`${client} is a person's key pair.`);
    if (isPublic(found.metadata)) throw refuse(`${client} is public, so it needs no credentials.`);
  }
}
