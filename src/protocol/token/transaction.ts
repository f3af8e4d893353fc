import {
  type CanBePromise,
  errors,
  type KoaContextWithOIDC,
  Provider,
  type TokenEndpointGrantContext,
  type UnknownObject,
} from 'oidc-provider';
import { lifetimes } from '../../../config/lifetimes.ts';
import { sha256 } from '../../crypto/digest.ts';
import { openUnderValue, sealUnderValue } from '../../crypto/sealing.ts';
import type { TokenIssue } from '../../domain/tokens/issue.ts';
import type { LastUsed } from '../../domain/tokens/last-used.ts';
import { type Redemptions, redemptionId } from '../../domain/tokens/redemptions.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { forEngine } from '../engine/errors.ts';
import { currentScope, type UnitOfWork } from '../engine/request-scope.ts';

interface Dependencies {
  issue: TokenIssue;
  redemptions: Redemptions;
  lastUsed: LastUsed;
}

type Names = string | readonly string[] | ReadonlySet<string>;

const purpose = 'redemption answer';

/** The answer of an authorization code is given once (RFC 6749 §4.1.2); others can be given again for a moment. */
const hasWindow = (kind: string): boolean => kind !== 'AuthorizationCode';

/**
 * The engine, with one transaction a token request: what a grant's handler consumes and stores is
 * gathered, and written in one statement when it returns. Exactly one of several redemptions wins,
 * and a crash leaves nothing half done. Who lost throws away what it made and, for the same request
 * within 30 seconds, gets the winner's answer again.
 */
export function transactionalProvider({ issue, redemptions, lastUsed }: Dependencies) {
  return class TransactionalProvider extends Provider {
    override registerGrantType<Params extends object = UnknownObject>(
      name: string,
      handler: (ctx: TokenEndpointGrantContext<Params>) => CanBePromise<void>,
      parameters?: Names,
      duplicates?: Names,
    ): void {
      const transactional: typeof handler = async (ctx) => {
        const scope = currentScope();
        if (!scope) throw new Error('a grant is handled within a request scope');
        const work: UnitOfWork = { consumed: undefined, tokens: [], reused: undefined };
        scope.work = work;
        try {
          if (name === grantTypes.clientCredentials)
            await handleClientCredentials(ctx, () => handler(ctx));
          else await handler(ctx);
        } finally {
          scope.work = undefined;
        }
        await forEngine(() => commit(ctx, work));
        const login = work.tokens.find(({ grantId }) => grantId)?.grantId;
        if (login) lastUsed.touchGrant(login);
      };
      super.registerGrantType(name, transactional, parameters, duplicates);
    }
  };

  async function commit(ctx: KoaContextWithOIDC, { consumed, tokens }: UnitOfWork): Promise<void> {
    if (!consumed) {
      await Promise.all(tokens.map((token) => issue.insert(token)));
      return;
    }
    const { kind, value, of } = consumed;
    const id = redemptionId(kind, value);
    const fingerprint = fingerprintOf(ctx);
    const answer = hasWindow(kind)
      ? sealUnderValue(value, purpose, JSON.stringify(ctx.body))
      : undefined;
    const keptFor = 'token' in of ? lifetimes.redemptionWindow : lifetimes.redeemedCodeMark;
    if (await issue.redeem({ of, id, fingerprint, answer, keptFor }, tokens)) return;
    const winner = await redemptions.find(id);
    if (!winner?.answer || !winner.withinWindow || !winner.fingerprint?.equals(fingerprint))
      throw new errors.InvalidGrant('redeemed by another request');
    ctx.body = openUnderValue(value, purpose, winner.answer);
    ctx.type = 'application/json';
  }
}

/**
 * A request that names no scope gets what its client is registered with, the pre-defined default of
 * RFC 6749 §3.3; one that names a scope gets all of it or an error, never silently less.
 */
async function handleClientCredentials(
  ctx: KoaContextWithOIDC,
  handle: () => unknown,
): Promise<void> {
  const { params, client } = ctx.oidc;
  const asked = scopeTokens(params?.['scope'] as string | undefined);
  const standard = (client as { allowed_scope?: string } | undefined)?.allowed_scope;
  if (params && asked.length === 0 && standard) params['scope'] = standard;
  await handle();
  const granted = new Set(scopeTokens((ctx.body as { scope?: string }).scope));
  const refused = asked.filter((scope) => !granted.has(scope));
  if (refused.length > 0)
    throw new errors.InvalidScope(
      'the requested resource does not have this scope, or the client may not have it',
      refused.join(' '),
    );
}

/** What makes two requests the same: the client and whatever shapes the answer. */
function fingerprintOf(ctx: KoaContextWithOIDC): Buffer {
  const { params = {}, client, entities } = ctx.oidc;
  const token = entities.AccessToken as { jkt?: string; 'x5t#S256'?: string } | undefined;
  return sha256(
    JSON.stringify([
      client?.clientId,
      params['grant_type'],
      params['scope'] ?? null,
      params['resource'] ?? null,
      params['authorization_details'] ?? null,
      params['redirect_uri'] ?? null,
      token?.jkt ?? null,
      token?.['x5t#S256'] ?? null,
    ]),
  );
}
