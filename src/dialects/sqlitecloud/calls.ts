/** What all calls share: who calls, as what, whether they may, how long it took, and what an administrator reads of refusals. */
import type { Context } from 'koa';
import { actingAs } from '../../domain/audit/actor.ts';
import { type Refusals, recordingRefusals } from '../../domain/audit/refusals.ts';
import type { FindPrincipal, Principal } from '../../domain/tokens/principal.ts';
import { rememberAccount, rememberClient } from '../../http/access-log.ts';
import { bearerChallenge } from '../../http/authorization.ts';
import { bufferBody } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Handler } from '../framework/dialect.ts';
import { describeTimes } from './answers.ts';
import { credentialIn } from './credential.ts';

/** What a caller presented: an API key, or a token for the resource of this dialect. */
export type CredentialKind = 'key' | 'token';

export interface Call {
  ctx: Context;
  parameters: Readonly<Record<string, string>>;
  principal: Principal;
  by: CredentialKind;
}

/** What a call says of itself. */
interface CallRules {
  /** Which credentials will do. */
  by: readonly CredentialKind[];
  /** The scope that an API key needs; a token needs none, since it has to do with itself. */
  scope?: string;
  /** As the audit trail names it where it is refused. */
  action?: Parameters<Refusals['refused']>[0]['action'];
  /** Says how long it took. */
  timed?: boolean;
}

interface Dependencies {
  findPrincipal: FindPrincipal;
  audit: Pick<Refusals, 'refused'>;
  /** The identifier of the resource of this dialect. */
  resource: string;
}

/** Gives a handler that answers what `run` gives as `data`; nothing is 204. */
export function createCalls({ findPrincipal, audit, resource }: Dependencies) {
  const kindOf = ({ token }: Principal): CredentialKind | undefined => {
    if (token.kind === 'api_key') return 'key';
    return token.audience?.includes(resource) ? 'token' : undefined;
  };

  const authenticate = async (ctx: Context): Promise<Pick<Call, 'principal' | 'by'>> => {
    const header = ctx.get('authorization');
    const value = credentialIn(header);
    const principal = value === undefined ? undefined : await findPrincipal(value, 'self');
    const by = principal && kindOf(principal);
    if (principal && by) return { principal, by };
    const error = new OAuthError(
      'invalid_token',
      value === undefined
        ? 'Send an API key or an access token: Authorization: Bearer TOKEN'
        : 'The API key or the access token is not valid.',
    );
    ctx.set('WWW-Authenticate', bearerChallenge(header, error));
    throw error;
  };

  return (rules: CallRules, run: (call: Call) => Promise<unknown>): Handler =>
    async (ctx, parameters) => {
      const { action } = rules;
      const came = performance.now();
      const unread = await bufferBody(ctx);
      const { principal, by } = await authenticate(ctx);
      if (unread) throw unread;
      const known = performance.now();
      rememberClient(ctx, principal.clientId);
      rememberAccount(ctx, principal.token.accountId ?? undefined);
      const data = await actingAs(principal.actor, () =>
        recordingRefusals(audit, action && (() => ({ action })), async () => {
          requireAllowed(rules, { principal, by });
          return run({ ctx, parameters, principal, by });
        }),
      );
      ctx.set('Cache-Control', 'no-store');
      if (data === undefined) {
        ctx.status = 204;
        return;
      }
      const metadata = describeTimes({ came, known, done: performance.now() });
      ctx.body = rules.timed ? { data, metadata } : { data };
    };
}

function requireAllowed(
  { by: kinds, scope }: CallRules,
  { principal, by }: Pick<Call, 'principal' | 'by'>,
): void {
  if (!kinds.includes(by))
    throw new OAuthError(
      'access_denied',
      by === 'token' ? 'This needs an API key.' : 'This needs an access token, not an API key.',
    );
  if (by === 'key' && scope !== undefined && !principal.scopes.has(scope))
    throw new OAuthError('insufficient_scope', `The API key lacks the scope ${scope}.`);
}
