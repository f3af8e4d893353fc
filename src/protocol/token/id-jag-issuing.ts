/**
 * ID-JAG at this server as the identity provider (draft-ietf-oauth-identity-assertion-authz-grant §4.3): by token exchange a client
 * gets an assertion for a person, with which another authorization server gives it a token without asking them.
 */
import { randomBytes } from 'node:crypto';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Accounts } from '../../domain/accounts/accounts.ts';
import { actingAs } from '../../domain/audit/actor.ts';
import type { CountedEvents } from '../../domain/audit/counted-events.ts';
import type { ClientLookup } from '../../domain/clients/lookup.ts';
import type { SubjectFor } from '../../domain/clients/subjects.ts';
import type { CrossAppAccesses } from '../../domain/cross-app-access/cross-app-access.ts';
import { accessFor } from '../../domain/cross-app-access/rules.ts';
import type { CrossAppAccess } from '../../domain/cross-app-access/types.ts';
import { defaultIdTokenAlg } from '../../domain/keys/signing-keys.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { tokenTypes } from '../../oauth/token-types.ts';
import { forEngine } from '../engine/errors.ts';
import type { EngineClient } from '../engine/models.ts';
import { currentScope } from '../engine/request-scope.ts';
import type { SignJwt } from '../sign-jwt.ts';
import { idJagType } from '../workload-identity.ts';
import { type PresentedToken, refusedToken } from './presented-token.ts';

interface Dependencies {
  issuer: string;
  signJwt: SignJwt;
  crossAppAccess: Pick<CrossAppAccesses, 'inForce'>;
  crossAppUses: Pick<CountedEvents, 'note'>;
  accounts: Pick<Accounts, 'find' | 'describe'>;
  clients: ClientLookup;
  subjectFor: SubjectFor;
}

/** What a request asks for. */
export interface IdJagRequest {
  client: EngineClient;
  /** A login of the client: an ID token or a refresh token. */
  subject: PresentedToken;
  subjectType: string;
  audiences: readonly string[];
  resources: readonly string[];
  scopes: readonly string[];
  /** The thumbprint of the key that the client has proven. */
  jkt: string | undefined;
}

/** Creates the function that answers a token exchange with an ID-JAG. Nothing is stored: it lives for minutes. */
export function createIssueIdJag(dependencies: Dependencies) {
  const { issuer, signJwt, crossAppAccess, crossAppUses, accounts } = dependencies;

  return async (ctx: KoaContextWithOIDC, request: IdJagRequest): Promise<void> => {
    const { client, subject, jkt } = request;
    const party = currentScope()?.clients.get(client.clientId);
    if (!party) throw new errors.InvalidClient('client not found');
    const audience = audienceOf(request);
    if (currentScope()?.work?.details)
      throw new errors.InvalidAuthorizationDetails(
        'an ID-JAG has no authorization_details here; ask for a scope',
      );
    const { accountId } = subject;
    if (accountId === undefined) throw refusedToken('subject_token', 'is not about a person');
    const access = await forEngine(async () => {
      const found = await crossAppAccess.inForce(party.id, audience);
      if (!found)
        throw new OAuthError(
          'invalid_target',
          'The client gets no ID-JAG for this audience. An administrator can allow it.',
          { parameter: 'audience' },
        );
      return found;
    });
    const account = await forEngine(() => accounts.find(accountId));
    if (!account) throw refusedToken('subject_token', 'its account is gone');
    const { resources, scopes } = await forEngine(async () =>
      accessFor(access, account.roles, request),
    );
    const now = Math.floor(Date.now() / 1000);
    const exp = Math.floor(Math.min(now + access.lifetime, subject.expiresAt ?? Infinity));
    if (exp <= now) throw refusedToken('subject_token', 'expires now');
    const claims = {
      iss: issuer,
      sub: await forEngine(() => subOf(access, accountId)),
      aud: audience,
      client_id: access.client_id_there,
      jti: randomBytes(16).toString('base64url'),
      iat: now,
      exp,
      ...(resources.length > 0 && { resource: resources.length === 1 ? resources[0] : resources }),
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
      ...subject.login,
      ...(access.email && (await forEngine(() => emailOf(accountId)))),
      ...(jkt !== undefined && { cnf: { jkt } }),
    };
    const assertion = await sign(claims, client.idTokenSignedResponseAlg ?? defaultIdTokenAlg);
    await forEngine(() =>
      actingAs({ kind: 'client', id: client.clientId }, () =>
        crossAppUses.note({
          action: 'cross_app_access.used',
          target: { kind: 'client', id: client.clientId },
          details: {
            access: access.id,
            audience,
            account_id: accountId,
            resources: [...resources],
            scopes: [...scopes],
          },
        }),
      ),
    );
    ctx.body = {
      access_token: assertion,
      issued_token_type: tokenTypes.idJag,
      // It is no access token (RFC 8693 §2.2.1).
      token_type: 'N_A',
      expires_in: exp - now,
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    };
  };

  /** The `sub` that the other server knows the person by (§3.1): that of the ID tokens which it gets here. */
  async function subOf({ sso_client: sso }: CrossAppAccess, accountId: string): Promise<string> {
    if (sso === null) return accountId;
    const client = await dependencies.clients(sso);
    if (!client)
      throw new OAuthError('access_denied', 'The audience has no client here any longer.', {
        reason: `the client ${sso} is disabled or deleted`,
      });
    return dependencies.subjectFor(client.metadata, accountId);
  }

  async function emailOf(accountId: string): Promise<Record<string, unknown>> {
    const { email = null, email_verified = false } = (await accounts.describe(accountId)) ?? {};
    return email === null ? {} : { email, email_verified };
  }

  async function sign(claims: Record<string, unknown>, alg: string): Promise<string> {
    const signed = await signJwt({ alg, typ: idJagType }, claims);
    if (!signed) throw new Error(`there is no signing key for ${alg}`);
    return signed.value;
  }
}

export type IssueIdJag = ReturnType<typeof createIssueIdJag>;

/** The issuer of the other server. Throws unless the request is one for an ID-JAG. */
function audienceOf({ subject, subjectType, audiences }: IdJagRequest): string {
  if (subjectType !== tokenTypes.idToken && subjectType !== tokenTypes.refreshToken)
    throw refusedToken('subject_token', 'must be an ID token or a refresh token for an ID-JAG');
  if (!subject.isForClientOnly) throw refusedToken('subject_token', 'is no login of the client');
  const [audience, ...others] = audiences;
  if (audience === undefined)
    throw new errors.InvalidRequest(
      'audience is required for an ID-JAG: the issuer of the other authorization server',
    );
  if (others.length > 0) throw new errors.InvalidTarget('an ID-JAG is for one audience');
  return audience;
}
