/** REFUSALS with the challenges of RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3 and RFC 9728 §5.1. */
import type { IncomingMessage } from 'node:http';
import { bearerChallenge, dpopChallenge } from '../../oauth/challenges.ts';
import { dpopAlgs } from '../../oauth/dpop.ts';
import { tokenWithProof } from './proofs.ts';
import type { NeededScope, NeededSignIn, Refusal } from './types.ts';

export const refuse = (
  status: Refusal['status'],
  error: string,
  sentence: string,
  headers: Record<string, string>,
): Refusal => ({ status, headers, body: { error, error_description: sentence } });

export const listOf = (scope: NeededScope): readonly string[] =>
  typeof scope === 'string' ? scope.split(' ').filter(Boolean) : scope;

/** Tokens cannot be checked, since Writ is unreachable. */
export const unavailable = (): Refusal =>
  refuse(503, 'temporarily_unavailable', 'Tokens cannot be checked now. Try again later.', {
    'Retry-After': '2',
  });

/** Why a request is refused. */
export interface Problem {
  status: 401 | 403;
  code: string;
  message: string;
}

/** Creates the refusals of an API, with the challenge of the scheme that a request has used, else of Bearer. */
export const challenges =
  ({ resource, metadataUrl }: { resource: string; metadataUrl: string | undefined }) =>
  (
    { headers: { authorization } }: Pick<IncomingMessage, 'headers'>,
    { status, code, message }: Problem,
    { scope, signIn }: { scope?: NeededScope | undefined; signIn?: NeededSignIn | undefined },
  ): Refusal => {
    const protection = {
      realm: resource,
      scope: scope && listOf(scope).join(' '),
      resourceMetadata: metadataUrl,
      acrValues: signIn?.acr && listOf(signIn.acr).join(' '),
      maxAge: signIn?.maxAge,
    };
    return refuse(status, code, message, {
      'WWW-Authenticate':
        tokenWithProof(authorization) === undefined
          ? bearerChallenge(authorization, { code, message }, protection)
          : dpopChallenge({ code, message }, { ...protection, algs: dpopAlgs }),
    });
  };

export type ChallengeTo = ReturnType<typeof challenges>;
