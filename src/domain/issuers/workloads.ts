/** WORKLOAD IDENTITY: programs that have a token of a trusted issuer in place of a secret. */
import { issuerTokens } from '../../../config/trusted-issuers.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { actingAs } from '../audit/actor.ts';
import type { CountedEvents } from '../audit/counted-events.ts';
import type { TrustedIssuers } from './issuers.ts';
import { ruleFor } from './rules.ts';
import {
  type IssuedToken,
  IssuedTokenRefusal,
  type IssuerRule,
  type TrustedIssuer,
} from './types.ts';
import type { Accepted, VerifyIssued } from './verify.ts';

/** A program that a token identifies, and the rule by which it is a client. */
export interface Workload {
  issuer: TrustedIssuer;
  rule: IssuerRule;
  /** The `client_id` of the rule. */
  clientId: string;
  subject: string;
  /** Of a token that is used once; undefined if it can be used again. */
  jti: string | undefined;
  /** Seconds since the epoch. */
  expiresAt: number;
  claims: IssuedToken['claims'];
}

/** The types of tokens that are exchanged: ordinary ones, and access tokens of other servers (RFC 9068 §2.1). */
export const typesOfExchange: readonly (string | undefined)[] = [
  undefined,
  'jwt',
  'jose',
  'at+jwt',
];

export function createWorkloads({
  issuers,
  verify,
  uses,
}: {
  issuers: Pick<TrustedIssuers, 'versionOf'>;
  verify: VerifyIssued;
  uses: Pick<CountedEvents, 'note'>;
}) {
  return {
    /**
     * The client that a token authenticates, or that can exchange it: of the first rule that matches, or the first for `client` if the request names one.
     * Whether a token is used once is left to the caller. Throws IssuedTokenRefusal, and `temporarily_unavailable` while the issuer
     * is away.
     */
    async identify(
      token: string,
      client?: string,
      accepted: Accepted = { use: 'workload_identity' },
    ): Promise<Workload> {
      const { issuer, subject, jti, expiresAt = 0, claims } = await verify(token, accepted);
      const rule = ruleFor(issuer.rules, claims, client);
      if (!rule)
        throw new IssuedTokenRefusal(
          client === undefined
            ? `No rule of ${issuer.id} matches the token.`
            : `No rule of ${issuer.id} for ${client} matches the token.`,
          {
            sentence:
              'The token matches no rule of its issuer. An administrator can try it: writ issuers try.',
          },
        );
      const usedOnce = issuer.single_use ? jti : undefined;
      if (issuer.single_use && jti === undefined)
        throw new IssuedTokenRefusal('The token is used once, so it needs a jti.');
      if (usedOnce && expiresAt > Date.now() / 1000 + issuerTokens.singleUseLifetime)
        throw new IssuedTokenRefusal(
          `The token is used once, and must expire within ${issuerTokens.singleUseLifetime} seconds.`,
        );
      return { issuer, rule, clientId: rule.client, subject, jti: usedOnce, expiresAt, claims };
    },

    /**
     * Throws `invalid_grant` if the issuer has changed since it was read. Called after the client was read: a change that ends the
     * client's tokens is then either seen here, or ends this one too.
     */
    async requireCurrent({ issuer: { issuer, updated_at } }: Pick<Workload, 'issuer'>) {
      const current = await issuers.versionOf(issuer);
      if (current?.getTime() !== updated_at.getTime())
        throw new OAuthError(
          'invalid_grant',
          'The settings of the issuer have just changed. Try again.',
        );
    },

    /** Records for the audit that a workload got a token, at most once in ten minutes for each `sub`, then their number. */
    noteUse: ({ issuer, rule, clientId, subject }: Workload): Promise<void> =>
      actingAs({ kind: 'client', id: clientId }, () =>
        uses.note({
          action: 'trusted_issuer.used',
          target: { kind: 'client', id: clientId },
          details: { issuer: issuer.id, rule: rule.name, sub: subject },
        }),
      ),
  };
}

export type Workloads = ReturnType<typeof createWorkloads>;
