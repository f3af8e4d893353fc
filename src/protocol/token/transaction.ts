import {
  type CanBePromise,
  errors,
  type KoaContextWithOIDC,
  Provider,
  type TokenEndpointGrantContext,
  type UnknownObject,
} from 'oidc-provider';
import { type Agent, type AgentAdmission, agentOf } from '../../domain/clients/agents.ts';
import type { Grants } from '../../domain/grants/grants.ts';
import type { Workload, Workloads } from '../../domain/issuers/workloads.ts';
import type { Resources } from '../../domain/resources/resources.ts';
import type { TokenIssue } from '../../domain/tokens/issue.ts';
import type { LastUsed } from '../../domain/tokens/last-used.ts';
import { type Redemptions, redemptionId } from '../../domain/tokens/redemptions.ts';
import { grantTypes } from '../../oauth/grant-types.ts';
import { forEngine } from '../engine/errors.ts';
import { type Consumed, currentScope, type UnitOfWork } from '../engine/request-scope.ts';
import {
  addAuthorizationDetails,
  assertDetailsAllowed,
  requestedDetails,
} from './authorization-details.ts';
import { handleClientCredentials } from './client-credentials.ts';
import { handleJwtBearer } from './jwt-bearer.ts';
import {
  type AnsweredRequest,
  fingerprintOf,
  openAnswer,
  sealAnswer,
} from './redemption-answers.ts';

interface Dependencies {
  issue: TokenIssue;
  grants: Pick<Grants, 'revoke' | 'replaceEarlier'>;
  resources: Pick<Resources, 'find' | 'requireDetails'>;
  redemptions: Redemptions;
  lastUsed: LastUsed;
  agentAdmission: AgentAdmission;
  workloads: Workloads;
}

type Names = string | readonly string[] | ReadonlySet<string>;

/**
 * The engine with one transaction for each token request. What the handler of a grant consumes and stores is collected
 * and written in one statement when the handler returns. If several requests redeem the same value, exactly one wins,
 * and a crash leaves nothing half done. A loser discards its tokens. If the policy repeats responses
 * (`RedemptionPolicy`) and the request is the same, it returns the winner's response.
 */
export function transactionalProvider({
  issue,
  grants,
  resources,
  redemptions,
  lastUsed,
  agentAdmission,
  workloads,
}: Dependencies) {
  /** The engine's own handler of the client credentials grant; the engine registers it first. */
  let issueOwnToken: ((ctx: TokenEndpointGrantContext<object>) => unknown) | undefined;

  return class TransactionalProvider extends Provider {
    override registerGrantType<Params extends object = UnknownObject>(
      name: string,
      handler: (ctx: TokenEndpointGrantContext<Params>) => CanBePromise<void>,
      parameters?: Names,
      duplicates?: Names,
    ): void {
      if (name === grantTypes.clientCredentials)
        issueOwnToken = handler as NonNullable<typeof issueOwnToken>;
      const transactional: typeof handler = async (ctx) => {
        const scope = currentScope();
        if (!scope) throw new Error('no request scope');
        const work: UnitOfWork = {
          consumed: undefined,
          tokens: [],
          details: undefined,
          reused: undefined,
          redeemedGrant: undefined,
        };
        const agent = agentFor(ctx);
        const giveBack =
          agent && (await forEngine(() => agentAdmission.admit(agent.id, agent.agent)));
        scope.work = work;
        try {
          work.details = requestedDetails(ctx);
          if (name === grantTypes.clientCredentials)
            await handleClientCredentials(ctx, () => handler(ctx));
          else if (name === grantTypes.jwtBearer)
            await handleJwtBearer(ctx, {
              workloads,
              issueOwnToken: () => issueOwnToken?.(ctx),
              issueForPerson: () => handler(ctx),
            });
          else await handler(ctx);
          if (!work.exchange) await assertDetailsAllowed(ctx, work, resources);
          addAuthorizationDetails(ctx.body, work.tokens);
          await forEngine(() => admitWorkload(scope.workload?.workload));
        } catch (error) {
          await giveBack?.().catch(() => {});
          throw await refusedWith(error, work);
        } finally {
          scope.work = undefined;
        }
        await forEngine(() => commit(ctx, work));
        const login = work.tokens.find(({ grantId }) => grantId)?.grantId;
        if (login) lastUsed.touchGrant(login);
        if (login && name === grantTypes.authorizationCode && isOfBrowser(login))
          await forEngine(() => grants.replaceEarlier(login));
      };
      super.registerGrantType(name, transactional, parameters, duplicates);
    }
  };

  /**
   * The error that a request is refused with. A request that presents a redeemed code, but is not the one that redeemed
   * it, revokes the grant. Its own error then goes only to the log.
   */
  async function refusedWith(error: unknown, { redeemedGrant }: UnitOfWork): Promise<unknown> {
    const isRefusal = error instanceof errors.OIDCProviderError && error.statusCode < 500;
    if (!redeemedGrant || !isRefusal) return error;
    await forEngine(() => grants.revoke(redeemedGrant, 'reuse'));
    const { error_detail, error_description, message } = error;
    return new errors.InvalidGrant(
      `the code was already redeemed: ${error_detail ?? error_description ?? message}`,
    );
  }

  /** By now the client was read, so its tokens end with the rule, whichever comes first. */
  async function admitWorkload(workload: Workload | undefined): Promise<void> {
    if (!workload) return;
    await workloads.requireCurrent(workload);
    await workloads.noteUse(workload);
  }

  async function commit(
    ctx: KoaContextWithOIDC,
    { consumed, tokens, exchange }: UnitOfWork,
  ): Promise<void> {
    if (!consumed) {
      // A token of token exchange expires with its subject token, whose grant lives at least as long.
      const extendsGrant = exchange === undefined;
      await Promise.all(tokens.map((token) => issue.insert(token, { extendsGrant })));
      return;
    }
    const { kind, value, of, policy } = consumed;
    const id = redemptionId(kind, value);
    const fingerprint = fingerprintOf(answeredRequest(ctx));
    const answer = policy.repeatsResponse ? sealAnswer(value, ctx.body) : undefined;
    const retainSeconds = policy.retainSeconds;
    if (await issue.redeem({ of, id, fingerprint, answer, retainSeconds }, tokens)) return;
    const winner = await redemptions.find(id);
    if (!winner?.answer || !winner.withinWindow || !winner.fingerprint?.equals(fingerprint)) {
      const grantId = policy.revokesOnOtherUse && tokens.find((token) => token.grantId)?.grantId;
      if (grantId) await grants.revoke(grantId, 'reuse');
      throw new errors.InvalidGrant('redeemed by another request');
    }
    ctx.body = openAnswer(value, winner.answer);
    ctx.type = 'application/json';
  }
}

/**
 * Consumes a code or a refresh token: with the commit of a token request, or at once outside of one. Throws
 * `invalid_grant` if another request was first.
 */
export async function consume(consumed: Consumed, issue: TokenIssue): Promise<void> {
  const work = currentScope()?.work;
  if (work) {
    work.consumed = consumed;
    return;
  }
  const { kind, value, of, policy } = consumed;
  const id = redemptionId(kind, value);
  if (!(await issue.redeem({ of, id, fingerprint: id, retainSeconds: policy.retainSeconds }, [])))
    throw new errors.InvalidGrant('already redeemed');
}

/** The agent that sends a request; undefined for other clients. */
function agentFor({ oidc }: KoaContextWithOIDC): { id: string; agent: Agent } | undefined {
  const client = currentScope()?.clients.get(oidc.client?.clientId ?? '');
  const agent = client && agentOf(client.metadata);
  return agent && { id: client.id, agent };
}

/** Whether a person logged in with a browser that is known by then. */
const isOfBrowser = (grantId: string): boolean =>
  currentScope()?.grants.get(grantId)?.hasBrowser ?? false;

/** What shapes the response to a request of the engine. */
function answeredRequest(ctx: KoaContextWithOIDC): AnsweredRequest {
  const { params = {}, body, client, entities } = ctx.oidc;
  const token = entities.AccessToken as { jkt?: string; 'x5t#S256'?: string } | undefined;
  return {
    clientId: client?.clientId,
    grantType: params['grant_type'],
    scope: params['scope'],
    resource: params['resource'],
    details: body?.['authorization_details'],
    redirectUri: params['redirect_uri'],
    jkt: token?.jkt,
    certificate: token?.['x5t#S256'],
  };
}
