/** TRYING A TOKEN: what would become of it, for administrators. Nothing is stored and no token issued. */
import { OAuthError } from '../../oauth/errors.ts';
import { compareRules, type RuleResult } from './rules.ts';
import { type IssuedToken, IssuedTokenRefusal, type TrustedIssuer } from './types.ts';
import { readToken, type VerifyIssued } from './verify.ts';
import { typesOfExchange } from './workloads.ts';

/** What would become of a token. */
export interface Trial {
  /** Why it is refused; null if its signature and its times are accepted. */
  problem: string | null;
  /** The `sub`; null if the token cannot be read. */
  subject: string | null;
  /** The client that it would be the credential of; null if it is refused or no rule matches. */
  client: string | null;
  /** What became of each rule, in order. Of a refused token too, as far as it can be read. */
  rules: RuleResult[];
}

/** Tries a token with the rules of an issuer, whether or not the issuer is enabled. */
export async function tryToken(
  issuer: TrustedIssuer,
  token: string,
  verify: VerifyIssued,
): Promise<Trial> {
  const problem = await problemOf(issuer, token, verify);
  const claims = readClaims(token);
  const rules = claims ? compareRules(issuer.rules, claims) : [];
  const sub = claims?.['sub'];
  return {
    problem,
    subject: typeof sub === 'string' ? sub : null,
    client: problem === null ? (rules.find(({ matches }) => matches)?.rule.client ?? null) : null,
    rules,
  };
}

async function problemOf(
  issuer: TrustedIssuer,
  token: string,
  verify: VerifyIssued,
): Promise<string | null> {
  try {
    const isCredential = issuer.uses.includes('workload_identity');
    const { issuer: found }: IssuedToken = await verify(
      token,
      isCredential
        ? { use: 'workload_identity' }
        : { use: 'token_exchange', types: typesOfExchange },
    );
    return found.id === issuer.id ? null : `The token is of another issuer: ${found.id}.`;
  } catch (error) {
    if (error instanceof IssuedTokenRefusal) return error.message;
    if (error instanceof OAuthError && error.code === 'temporarily_unavailable')
      return error.reason ?? error.message;
    throw error;
  }
}

function readClaims(token: string): Record<string, unknown> | undefined {
  try {
    return readToken(token).claims;
  } catch (error) {
    if (error instanceof IssuedTokenRefusal) return undefined;
    throw error;
  }
}
