import { personalClientId } from '../../../../config/clients.ts';
import { isPersonalScope, personalTokenScopes } from '../../../../config/scopes.ts';
import { tokenLimits } from '../../../../config/tokens.ts';
import type { Connection, ScopeDescription } from '../../../../db/schema.ts';
import { checkEach } from '../../../oauth/check-each.ts';
import { OAuthError } from '../../../oauth/errors.ts';
import { scopeTokens } from '../../../oauth/scope.ts';
import { lockAccount } from '../../accounts/sessions.ts';
import { inActorTransaction } from '../../database/actor-transaction.ts';
import { orUnavailable } from '../../database/retry.ts';
import { isUuid } from '../../database/text-checks.ts';
import { readApiResource } from '../../installation/installation.ts';
import { recordMail } from '../../mail/outbox.ts';
import type { Resource } from '../../resources/resources.ts';
import { readApiScopes } from '../../roles/api-scopes.ts';
import { publicId, type TokenId } from '../value.ts';
import type { NamedTokenDependencies } from './dependencies.ts';
import { recordNamedTokenEvent } from './events.ts';
import {
  assertBelowListLimit,
  createShown,
  findNamedToken,
  listActive,
  listNamedTokens,
} from './find.ts';
import { insertNamedToken } from './insert.ts';
import { revokeNamedToken } from './revoke.ts';
import { requireChangeable, rotateNamedToken } from './rotate.ts';
import { narrowScope, requireExpiry, requireName } from './rules.ts';
import type { PersonalChoice, PersonalTokens, ShownToken } from './types.ts';
import { updateNamedToken } from './update.ts';
import { requireWithin } from './within-token.ts';

const kind = 'personal_access_token';

/** A resource that a person can create tokens for, with the scopes that they can choose. */
interface Choice {
  resource: Resource;
  scopes: ScopeDescription[];
  maxTtl: number | null;
}

/** Personal access tokens. Everyone sees only their own. */
export function createPersonalTokens({
  database: { kysely },
  resources,
  peopleCreateApps = true,
}: Pick<NamedTokenDependencies, 'database' | 'resources' | 'peopleCreateApps'>): PersonalTokens {
  /** Serializes changes per person, so that concurrent requests can neither reuse a name nor exceed a limit. */
  const change = <Result>(
    accountId: string,
    run: (transaction: Connection) => Promise<Result>,
  ): Promise<Result> =>
    inActorTransaction(kysely, { kind: 'account', accountId }, async (transaction) => {
      if (isUuid(accountId)) await lockAccount(transaction, accountId);
      return run(transaction);
    });

  const choicesOf = async (connection: Connection, accountId: string): Promise<Choice[]> => {
    const account = isUuid(accountId) ? await readAccount(connection, accountId) : undefined;
    if (!account) return [];
    const ofRoles = await readApiScopes(connection, account.roles);
    const apiResource = await readApiResource(connection);
    const open = await resources.openToPeople(connection);
    const choices = open.map((resource) => ({
      resource,
      scopes: resource.scopes.filter(
        ({ name }) =>
          !resource.personalPolicy?.withheld_scopes?.includes(name) &&
          (resource.identifier !== apiResource || isAllowedScope(name, ofRoles, peopleCreateApps)),
      ),
      maxTtl: resource.personalPolicy?.longest_ttl ?? null,
    }));
    // Writ's own API has nothing for people without apps.
    return choices.filter(
      ({ resource, scopes }) => resource.identifier !== apiResource || scopes.length > 0,
    );
  };

  /** Throws `invalid_target` if the person cannot choose this resource. */
  const requireChoice = async (
    connection: Connection,
    accountId: string,
    identifier: string,
  ): Promise<Choice> => {
    const choice = (await choicesOf(connection, accountId)).find(
      ({ resource }) => resource.identifier === identifier,
    );
    if (!choice)
      throw new OAuthError(
        'invalid_target',
        `Personal access tokens cannot be created for ${identifier}.`,
        { parameter: 'resource' },
      );
    return choice;
  };

  const requireFreeName = async (
    transaction: Connection,
    accountId: string,
    name: string,
    except?: TokenId,
  ): Promise<void> => {
    const taken = (await listActive(transaction, kind, { accountId })).some(
      (token) =>
        !token.replaced &&
        token.name.toLowerCase() === name.toLowerCase() &&
        !(except && token.key.equals(except.key)),
    );
    if (taken)
      throw new OAuthError(
        'conflict',
        `You already have a token named ${name}. Choose another name.`,
        { parameter: 'name' },
      );
  };

  const create: PersonalTokens['create'] = (accountId, given, idempotency) =>
    change(accountId, (transaction) =>
      createShown(transaction, kind, { accountId }, idempotency, async () => {
        const choice = await requireChoice(transaction, accountId, given.resource);
        const { name, scope, details, expiresAt } = await checkEach({
          name: async () => {
            const name = requireName(given.name);
            await requireFreeName(transaction, accountId, name);
            return name;
          },
          scope: () => requireScope(choice, given.scope),
          details: () => resources.requireDetails(choice.resource, given.authorizationDetails),
          expiresAt: () => requireExpiry(given.expiresAt, choice.maxTtl),
        });
        await assertBelowListLimit(transaction, kind, { accountId });
        await assertBelowLimit(transaction, accountId);
        const { id: tokenId, value } = await insertNamedToken(transaction, {
          kind,
          clientId: personalClientId,
          accountId,
          name,
          scope,
          resource: given.resource,
          payload: details && { rar: details },
          expiresAt,
        });
        const id = publicId(tokenId);
        await recordNamedTokenEvent(
          transaction,
          'created',
          { kind, id: tokenId },
          {
            name,
            client_id: personalClientId,
            resource: given.resource,
            scope: scope.join(' '),
            expires_at: expiresAt,
          },
        );
        await recordMail(transaction, {
          kind: 'token_created',
          accountId,
          details: { token_id: id },
        });
        return { id, value };
      }),
    );

  return {
    choices: (accountId) =>
      orUnavailable(async () => (await choicesOf(kysely, accountId)).map(describeChoice)),

    list: (accountId) =>
      orUnavailable(async () =>
        isUuid(accountId) ? listNamedTokens(kysely, kind, { accountId }) : [],
      ),

    find: (accountId, id) => orUnavailable(() => findNamedToken(kysely, kind, { accountId }, id)),

    create,

    createBy: async (by, given, idempotency) => {
      const apiResource = await orUnavailable(() => readApiResource(kysely));
      return create(requireWithin(by, given, apiResource), given, idempotency);
    },

    update: (accountId, id, { name, scope, expiresAt }) =>
      change(accountId, async (transaction) => {
        const before = await findNamedToken(transaction, kind, { accountId }, id, { lock: true });
        requireChangeable(before);
        const changes = await checkEach({
          name: async () => {
            if (name === undefined) return undefined;
            const newName = requireName(name, before.name);
            if (newName !== before.name)
              await requireFreeName(transaction, accountId, newName, before.id);
            return newName;
          },
          scope: () =>
            scope && requireNonEmpty(narrowScope(scope, scopeTokens(before.scope)), before),
          expiresAt: async () => {
            if (expiresAt === undefined) return undefined;
            const { maxTtl } = await requireChoice(transaction, accountId, resourceOf(before));
            return requireExpiry(expiresAt, maxTtl);
          },
        });
        await updateNamedToken(transaction, before, changes);
        return findNamedToken(transaction, kind, { accountId }, id);
      }),

    rotate: (accountId, id, rotation, idempotency) =>
      change(accountId, async (transaction) => {
        const before = await findNamedToken(transaction, kind, { accountId }, id, { lock: true });
        return createShown(transaction, kind, { accountId }, idempotency, async () => {
          requireChangeable(before);
          const { maxTtl, resource } = await requireChoice(
            transaction,
            accountId,
            resourceOf(before),
          );
          await assertBelowListLimit(transaction, kind, { accountId });
          if (rotation.overlap > 0) await assertBelowLimit(transaction, accountId);
          const scope = withoutWithheld(before, resource).join(' ');
          return rotateNamedToken(transaction, { ...before, scope }, rotation, maxTtl);
        });
      }),

    revoke: (accountId, id) =>
      change(accountId, async (transaction) =>
        revokeNamedToken(
          transaction,
          await findNamedToken(transaction, kind, { accountId }, id, { lock: true }),
        ),
      ),
  };
}

const readAccount = (connection: Connection, accountId: string) =>
  connection.selectFrom('account').select('roles').where('id', '=', accountId).executeTakeFirst();

/** Whether a person whose roles give these scopes can create a token with this scope of Writ's own API. */
const isAllowedScope = (
  scope: string,
  ofRoles: ReadonlySet<string>,
  peopleCreateApps: boolean,
): boolean =>
  (personalTokenScopes as readonly string[]).includes(scope) &&
  (ofRoles.has(scope) || (peopleCreateApps && isPersonalScope(scope)));

const describeChoice = ({
  resource: { identifier, name, detailsTypes, isDefault },
  scopes,
  maxTtl,
}: Choice): PersonalChoice => ({ identifier, name, scopes, detailsTypes, isDefault, maxTtl });

const resourceOf = ({ audience }: { audience: string[] | null }): string => audience?.[0] ?? '';

/**
 * Validates scopes and sorts them as the resource does. Throws `invalid_scope` for one that cannot be chosen, and for
 * an empty scope unless the resource has no scopes.
 */
function requireScope({ resource, scopes }: Choice, wanted: readonly string[]): string[] {
  const names = scopes.map(({ name }) => name);
  const other = wanted.find((name) => !names.includes(name));
  if (other !== undefined)
    throw new OAuthError(
      'invalid_scope',
      `You cannot choose the scope ${other} for ${resource.identifier}.`,
      { parameter: 'scope' },
    );
  if (wanted.length === 0 && resource.scopes.length > 0)
    throw new OAuthError('invalid_scope', 'Choose at least one scope.', { parameter: 'scope' });
  return names.filter((name) => wanted.includes(name));
}

/** The scope of a token without the scopes that its resource withholds from people now. Throws as `requireNonEmpty`. */
const withoutWithheld = (
  token: Pick<ShownToken, 'scope'>,
  { personalPolicy }: Pick<Resource, 'personalPolicy'>,
): string[] =>
  requireNonEmpty(
    scopeTokens(token.scope).filter((name) => !personalPolicy?.withheld_scopes?.includes(name)),
    token,
  );

/** Throws `invalid_scope` if a token that had scopes would lose all of them. */
function requireNonEmpty(scope: string[], before: { scope: string | null }): string[] {
  if (scope.length === 0 && before.scope)
    throw new OAuthError('invalid_scope', 'A token needs at least one scope. Revoke it instead.', {
      parameter: 'scope',
    });
  return scope;
}

async function assertBelowLimit(transaction: Connection, accountId: string): Promise<void> {
  if ((await listActive(transaction, kind, { accountId })).length >= tokenLimits.ofAccount)
    throw new OAuthError(
      'conflict',
      `You already have ${tokenLimits.ofAccount} tokens, which is the maximum. Revoke one that you do not use.`,
    );
}
