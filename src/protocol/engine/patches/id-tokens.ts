import type { Provider } from 'oidc-provider';
import { modelsOf } from '../models.ts';
import { currentScope } from '../request-scope.ts';

/**
 * Replaces `IdToken.prototype.issue`. An ID token of the token endpoint gets `at_hash` (OpenID Connect Core §3.1.3.6),
 * the `grant_id` that JWTs have too, by which token exchange finds what the person allowed, and of the claims that scopes ask
 * for only those of `openid` if its client wants the others at userinfo alone (§5.4).
 */
export function patchIdTokens(provider: Provider): void {
  const { prototype } = modelsOf(provider).IdToken;
  const { issue } = prototype;
  prototype.issue = async function (options) {
    if (options.use === 'idtoken') {
      if (this.client.claims_in_id_token === false) this.scope = 'openid';
      const accessToken = currentScope()?.work?.accessToken;
      if (accessToken) this.set('at_hash', accessToken);
      const grantId = currentScope()?.work?.tokens.find((token) => token.grantId)?.grantId;
      if (grantId) this.set('grant_id', grantId);
    }
    return issue.call(this, options);
  };
}
