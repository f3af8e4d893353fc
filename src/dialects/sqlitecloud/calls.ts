/** What all calls share: authentication, authorization, timing, and the audit of refusals. */
import type { Context } from 'koa';
import { actingAs } from '../../domain/audit/actor.ts';
import { type Refusals, recordingRefusals } from '../../domain/audit/refusals.ts';
import type { FindPrincipal, Principal } from '../../domain/tokens/principal.ts';
import { rememberAccount, rememberClient } from '../../http/access-log.ts';
import { bufferBody } from '../../http/form.ts';
import { bearerChallenge } from '../../oauth/challenges.ts';
import { OAuthError } from '../../oauth/errors.ts';
import type { Handler } from '../framework/dialect.ts';
import { describeTimes } from './answers.ts';
import { credentialIn } from './credential.ts';

/** The credential of the caller: an API key, or a token for the resource of this dialect. */
export type CredentialKind = 'key' | 'token';

export interface Call {
  ctx: Context;
  parameters: Readonly<Record<string, string>>;
  principal: Principal;
  by: CredentialKind;
}

/** The declaration of a call. */
interface CallRules {
  /** The accepted credentials. */
  by: readonly CredentialKind[];
  /** The scope that an API key needs. A token needs none, because it can only act on itself. */
  scope?: string;
  /** The audit action of a refusal. */
  action?: Parameters<Refusals['refused']>[0]['action'];
  /** Whether the response contains the duration. */
  timed?: boolean;
}

interface Dependencies {
  findPrincipal: FindPrincipal;
  audit: Pick<Refusals, 'refused'>;
  /** The identifier of the resource of this dialect. */
  resource: string;
}

/** Creates handlers that return the result of `run` as `data`, or 204 if it returns nothing. */
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
    ctx.set('WWW-Authenticate', bearerChallenge(header, error, { realm: resource }));
    throw error;
  };

  return (rules: CallRules, run: (call: Call) => Promise<unknown>): Handler =>
    async (ctx, parameters) => {
      const { action } = rules;
      const arrived = performance.now();
      const unread = await bufferBody(ctx);
      const { principal, by } = await authenticate(ctx);
      if (unread) throw unread;
      const authenticated = performance.now();
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
      const metadata = describeTimes({ arrived, authenticated, done: performance.now() });
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
