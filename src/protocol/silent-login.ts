/**
 * AUTHORIZATION REQUESTS THAT ARE ANSWERED WITHOUT A PAGE (OpenID Connect Core §3.1.2.1, §3.1.2.4): the person is signed
 * in, recently enough for the request, and has allowed its client as much before. What a client may ask for without a
 * page is decided in `../domain/grants/consent/need.ts`.
 */
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { SubjectFor } from '../domain/clients/subjects.ts';
import { parseClaims } from '../domain/grants/claims-parameter.ts';
import { signInAfter } from '../domain/grants/consent/need.ts';
import type { RequestParameters, SilentApproval } from '../domain/grants/consent/silent.ts';
import { factorNeed } from '../domain/grants/factor-need.ts';
import { plainAddress } from '../domain/limits/ip-address.ts';
import { countLogin, type RequestLimitCounter } from '../domain/limits/request-limits.ts';
import { userAgentOf } from '../http/text.ts';
import { forEngine } from './engine/errors.ts';
import { type BrowserSession, currentScope } from './engine/request-scope.ts';

interface Dependencies {
  approveSilently: SilentApproval;
  requestLimits: Pick<RequestLimitCounter, 'count'>;
  subjectFor: SubjectFor;
}

/** When the current request arrived, in fractional seconds since 1970. */
export const askedAt = (): number => currentScope()?.continued?.askedAt ?? Date.now() / 1000;

/**
 * The engine's `loadExistingGrant`: the grant of the decision that a request is resumed with, or the one that answers a
 * new request without a page. Otherwise the scope of the request says what must be asked.
 */
export const createLoadGrant =
  (dependencies: Dependencies): NonNullable<Configuration['loadExistingGrant']> =>
  async (ctx) => {
    const { oidc } = ctx;
    const { Grant } = oidc.provider;
    if (oidc.route !== 'authorization') {
      const { consent } = (oidc.result ?? {}) as { consent?: { grantId: string } };
      return consent ? Grant.find(consent.grantId) : undefined;
    }
    const scope = currentScope();
    const { browserSession } = scope ?? {};
    if (!scope || !browserSession || needsSignIn(ctx, browserSession, dependencies))
      return undefined;
    const { grantId, asks } = await forEngine(() => answer(ctx, browserSession, dependencies));
    scope.asks = asks;
    return grantId ? Grant.find(grantId) : undefined;
  };

/** Whether the person must sign in, again, with the account that the client names, or with more than they have proven. */
function needsSignIn(
  { oidc }: KoaContextWithOIDC,
  { accountId, signedInAt, factorAt, hasFactor, mustEnrol }: BrowserSession,
  { subjectFor }: Pick<Dependencies, 'subjectFor'>,
): boolean {
  const params = { ...oidc.params } as Record<string, string>;
  const after = signInAfter(params, askedAt());
  const hint = oidc.entities.IdTokenHint as { payload?: { sub?: string } } | undefined;
  const client = currentScope()?.clients.get(oidc.client?.clientId ?? '');
  const known = subjectFor(client?.metadata ?? {}, accountId);
  const named = parseClaims(params['claims']).id_token?.['sub']?.value;
  const need = factorAt === null ? factorNeed(client, params) : undefined;
  return (
    mustEnrol ||
    (after !== undefined && signedInAt < after) ||
    need === 'required' ||
    (need === 'if_present' && hasFactor) ||
    [hint?.payload?.sub, named].some((sub) => sub !== undefined && sub !== known)
  );
}

async function answer(
  ctx: KoaContextWithOIDC,
  { accountId, signedInAt, browser }: BrowserSession,
  { approveSilently, requestLimits }: Dependencies,
): ReturnType<SilentApproval> {
  const client = currentScope()?.clients.get(ctx.oidc.client?.clientId ?? '');
  if (!client) return { asks: 'interaction' };
  return approveSilently({
    client,
    params: { ...ctx.oidc.params } as unknown as RequestParameters,
    askedAt: askedAt(),
    account: {
      id: accountId,
      signedInAt,
      browser: { ip: plainAddress(ctx.ip) || null, userAgent: userAgentOf(ctx), id: browser },
    },
    count: () =>
      countLogin(requestLimits, { account: accountId, client: client.clientId, ip: ctx.ip }),
  });
}
