import { sql } from 'kysely';
import { lifetimes } from '../../../../config/lifetimes.ts';
import type { Database } from '../../../../db/database.ts';
import { scopeTokens } from '../../../oauth/scope.ts';
import { actingAs } from '../../audit/actor.ts';
import { recordEvent } from '../../audit/events.ts';
import type { Client } from '../../clients/lookup.ts';
import { orUnavailable } from '../../database/retry.ts';
import type { Resources } from '../../resources/resources.ts';
import { insertGrant } from '../approved-access.ts';
import { codeLifetime } from '../code-lifetime.ts';
import { grantHolds } from '../grant-state.ts';
import {
  type RequestedAccess,
  resolveRequestedAccess,
  scopesByResource,
} from '../requested-access.ts';
import { consentGranted } from './decisions.ts';
import { type ConsentMemory, consentHolds } from './memory.ts';
import {
  type ConsentNeed,
  chosenAccess,
  consentNeed,
  type PromptParameters,
  restingOn,
} from './need.ts';
import type { ConsentApprover } from './types.ts';

/** The parameters of an authorization request that decide what it asks for. */
export interface RequestParameters extends PromptParameters {
  scope?: string;
  resource?: string | string[];
  authorization_details?: string;
  response_mode?: string | undefined;
  claims?: string;
}

/** An authorization request of a person who is signed in, recently enough for it. */
export interface SilentRequest {
  client: Client;
  params: RequestParameters;
  /** When the request arrived, in fractional seconds since the epoch. */
  askedAt: number;
  account: Omit<ConsentApprover, 'roles'>;
  /** Called before a grant is created; throws LimitReached. */
  count(): Promise<unknown>;
}

/** The grant that answers a request without a page, or why a page is needed. */
export type SilentAnswer =
  | { grantId: string; asks?: undefined }
  | { grantId?: undefined; asks: NonNullable<ConsentNeed['asks']> };

/**
 * Answers an authorization request without a page, if the person has allowed its client as much before (OpenID Connect
 * Core §3.1.2.4), or if the client is first-party.
 *
 * A request with `prompt=none` joins the newest login of the client in this browser that has the requested access, so
 * tabs of one app do not replace one another's login. It does not join one that has what the request asks for and the
 * person has declined since: its tokens would have that.
 */
export function createSilentApproval({
  database,
  resources,
  apiResource,
  consentMemory,
}: {
  database: Database;
  resources: Resources;
  apiResource: string;
  consentMemory: Pick<ConsentMemory, 'find'>;
}) {
  /** The login that a request joins. */
  const joinable = async (
    { client, account }: SilentRequest,
    access: RequestedAccess,
    requested: RequestedAccess,
    lifetime: number,
  ): Promise<string | undefined> => {
    if (!account.browser.id) return undefined;
    const { rows } = await orUnavailable(() =>
      sql<{ id: string; payload: Granted }>`
        select g.id, g.payload from oauth_grant g join account a on a.id = g.account_id
          join client c on c.id = g.client_id left join app p on p.id = c.app_id
        where g.account_id = ${account.id}::uuid and g.client_id = ${client.id}::uuid
          and g.browser = ${account.browser.id}
          and g.live_until > now() + ${lifetime} * interval '1 second' and ${sql.raw(grantHolds)}
          and not g.payload ? 'authorization_details' and not g.payload ? 'ends_at'
        order by g.created_at desc, g.id limit 20`.execute(database.kysely),
    );
    return rows.find(({ payload }) => gives(payload, access, requested))?.id;
  };

  return async (request: SilentRequest): Promise<SilentAnswer> => {
    const { client, params, askedAt, account } = request;
    const [requested, remembered] = await Promise.all([
      resolveRequestedAccess(client, params, { resources, apiResource }),
      consentMemory.find(account.id, client.id),
    ]);
    const need = consentNeed(
      { client, requested, params, askedAt, apiResource },
      { remembered, signedInAt: account.signedInAt },
    );
    if (need.asks) return { asks: need.asks };
    const { access } = chosenAccess(need);
    const lifetime =
      lifetimes.redemptionWindow + codeLifetime(params.response_mode, client.metadata);
    const keepsOthers = params.prompt === 'none';
    const joined = keepsOthers ? await joinable(request, access, requested, lifetime) : undefined;
    if (joined) return { grantId: joined };
    await request.count();
    const approval = {
      accountId: account.id,
      clientId: client.clientId,
      openIdScope: access.openIdScope,
      claims: access.claims,
      resources: scopesByResource(access),
      device: account.browser,
      browser: account.browser.id,
      keepsOthers,
    };
    const grantId = await actingAs({ kind: 'account', id: account.id }, () =>
      orUnavailable(() =>
        database.kysely.transaction().execute(async (transaction) => {
          if (!(await consentHolds(transaction, approval, restingOn(client, access))))
            return undefined;
          const inserted = await insertGrant(transaction, approval, Date.now() / 1000 + lifetime);
          await recordEvent(
            transaction,
            consentGranted({ ...approval, isRemembered: true }, inserted),
          );
          return inserted.grantId;
        }),
      ),
    );
    return grantId === undefined ? { asks: 'consent' } : { grantId };
  };
}

export type SilentApproval = ReturnType<typeof createSilentApproval>;

/** The payload of a grant. */
interface Granted {
  openid?: { scope?: string; claims?: string[] };
  resources?: Record<string, string>;
}

/** Whether tokens of a grant have exactly this access, if they are requested with `requested`. */
function gives(
  { openid, resources = {} }: Granted,
  access: RequestedAccess,
  requested: RequestedAccess,
): boolean {
  const asked = new Set(requested.resources.flatMap(({ names }) => names));
  const byResource = scopesByResource(access);
  return (
    isSameSet(
      scopeTokens(openid?.scope).filter((name) => requested.openIdScope.includes(name)),
      access.openIdScope,
    ) &&
    isSameSet(
      (openid?.claims ?? []).filter((name) => requested.claims.includes(name)),
      access.claims,
    ) &&
    requested.resources.every(({ resource: { identifier } }) => {
      const wanted = byResource.get(identifier);
      if (!Object.hasOwn(resources, identifier)) return wanted === undefined;
      const granted = scopeTokens(resources[identifier]).filter((name) => asked.has(name));
      return wanted !== undefined && isSameSet(granted, wanted);
    })
  );
}

const isSameSet = (one: readonly string[], other: readonly string[]): boolean => {
  const both = new Set([...one, ...other]);
  return [one, other].every((list) => new Set(list).size === both.size);
};
