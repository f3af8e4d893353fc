/**
 * TOKENS OF TRUSTED ISSUERS IN A TOKEN EXCHANGE (RFC 8693 §2.1): a rule of the issuer lets the client present them, and says what
 * they allow. The new token is for the account of their subject, or for a subject of the issuer if its people have none here.
 */
import { errors } from 'oidc-provider';
import { exchangeLimits } from '../../../config/tokens.ts';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import type { AccountOfSubject } from '../../domain/issuers/subjects.ts';
import { IssuedTokenRefusal } from '../../domain/issuers/types.ts';
import { typesOfExchange, type Workloads } from '../../domain/issuers/workloads.ts';
import type { IsFirstUse } from '../../domain/short-lived/replay-marks.ts';
import type { Actors } from '../../oauth/actors.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { scopeTokens } from '../../oauth/scope.ts';
import { tokenTypes } from '../../oauth/token-types.ts';
import { forEngine } from '../engine/errors.ts';
import { consumeAssertion } from './jwt-bearer.ts';
import {
  type PresentedParameter,
  type PresentedToken,
  type ReadIssued,
  refusedToken,
} from './presented-token.ts';

interface Dependencies {
  workloads: Pick<Workloads, 'identify'>;
  accountOfSubject: AccountOfSubject;
  accounts: Pick<Accounts, 'find'>;
  isFirstUse: IsFirstUse;
}

const accepted: readonly string[] = [tokenTypes.jwt, tokenTypes.accessToken, tokenTypes.idToken];

export function createReadIssued({
  workloads,
  accountOfSubject,
  accounts,
  isFirstUse,
}: Dependencies): ReadIssued {
  return async (value, { parameter, type, clientId }) => {
    const orRefused = async <Result>(run: () => Promise<Result>): Promise<Result> => {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof IssuedTokenRefusal)) throw error;
        throw new OAuthError('invalid_request', `${parameter}: ${error.sentence}`, {
          cause: error,
          reason: error.message,
        });
      }
    };
    if (!accepted.includes(type))
      throw refusedToken(parameter, 'is of a trusted issuer, so its type is a JWT or an ID token');
    const workload = await orRefused(() =>
      workloads.identify(value, clientId, {
        use: 'token_exchange',
        ...(type !== tokenTypes.idToken && { types: typesOfExchange }),
      }),
    );
    const { issuer, rule, subject, claims, jti, expiresAt } = workload;
    const scope = scopeIn(claims, parameter);
    const ofRule = rule.scopes ?? undefined;
    const limit =
      scope && ofRule ? scope.filter((name) => ofRule.includes(name)) : (scope ?? ofRule);
    return {
      party: { iss: issuer.issuer, sub: subject },
      accountId: undefined,
      account: undefined,
      client: { id: '', clientId, app: null },
      isForClientOnly: true,
      grant: undefined,
      act: actorsOf(claims['act'], issuer.issuer, parameter),
      mayAct: objectIn(claims, 'may_act', parameter),
      resources: undefined,
      scopeAt: () => limit,
      details: undefined,
      expiresAt,
      ...boundTo(claims, parameter),
      // How its issuer names the strength of a sign-in says nothing here.
      login: {},
      sources: [{ issuer: issuer.generation, issuerId: issuer.id }],
      limitedBy: [],
      issued: {
        workload,
        account: () =>
          orRefused(async () => {
            if (issuer.provider_id === null) return undefined;
            const found = await accounts.find(await accountOfSubject(workload));
            if (!found) throw new IssuedTokenRefusal('The account of the person is gone.');
            return found;
          }),
        async use() {
          if (jti === undefined) return;
          if (parameter === 'subject_token') consumeAssertion(issuer.issuer, jti, expiresAt);
          else if (!(await isFirstUse(`actor ${issuer.issuer}`, jti, expiresAt)))
            throw refusedToken(parameter, 'was used before, and its issuer allows one use');
        },
      },
    };
  };
}

type Claims = Readonly<Record<string, unknown>>;

/** The scope that it is limited to; undefined if it names none. */
function scopeIn({ scope }: Claims, parameter: PresentedParameter): string[] | undefined {
  if (scope === undefined) return undefined;
  if (typeof scope !== 'string') throw refusedToken(parameter, 'its scope is not a text');
  return scopeTokens(scope);
}

function objectIn(
  claims: Claims,
  name: string,
  parameter: PresentedParameter,
): Record<string, unknown> | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refusedToken(parameter, `its ${name} is not an object`);
  return value as Record<string, unknown>;
}

/** The actors that its issuer names, who are subjects of that one unless they have an `iss`. */
function actorsOf(
  act: unknown,
  issuer: string,
  parameter: PresentedParameter,
  depth = 0,
): Actors | undefined {
  if (act === undefined) return undefined;
  const { sub, iss = issuer, act: earlier } = objectIn({ act }, 'act', parameter) ?? {};
  if (typeof sub !== 'string' || sub === '' || typeof iss !== 'string')
    throw refusedToken(parameter, 'its act does not name an actor');
  if (depth >= exchangeLimits.actors) throw refusedToken(parameter, 'it has too many actors');
  const before = actorsOf(earlier, issuer, parameter, depth + 1);
  return { sub, iss, ...(before && { act: before }) };
}

/** The key or the certificate that it is bound to (RFC 7800 §3.1). */
function boundTo(claims: Claims, parameter: PresentedParameter) {
  const bound = Object.entries(objectIn(claims, 'cnf', parameter) ?? {});
  const named = new Map(bound);
  const jkt = named.get('jkt');
  const certificate = named.get('x5t#S256');
  if (bound.length > 0 && typeof (jkt ?? certificate) !== 'string')
    throw refusedToken(parameter, 'its cnf is neither a jkt nor an x5t#S256');
  if (bound.length > 1) throw refusedToken(parameter, 'its cnf has several members');
  return { jkt: jkt as string | undefined, certificate: certificate as string | undefined };
}

/** Throws the engine's error unless each token of a trusted issuer can be used now, and marks it. */
export async function useIssued(
  tokens: readonly (PresentedToken | undefined)[],
  workloads: Pick<Workloads, 'requireCurrent'>,
): Promise<void> {
  for (const token of tokens)
    if (token?.issued) {
      const { workload, use } = token.issued;
      await forEngine(() => workloads.requireCurrent(workload));
      await forEngine(use);
    }
}

/** Writ's own API is only for tokens that were issued here. Throws `invalid_target`. */
export function requireOtherResource(resource: string, apiResource: string): void {
  if (resource === apiResource)
    throw new errors.InvalidTarget('Tokens of trusted issuers give no access to this API.');
}
