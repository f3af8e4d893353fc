import { Provider } from 'oidc-provider';
import { scopeTokens } from '../../../oauth/scope.ts';
import { modelsOf } from '../models.ts';

/**
 * Replaces `AccessToken.prototype.save`: the engine gives a token for an API only the scopes of that API. Here its
 * scope has those of OpenID Connect that were granted with them, so it states the whole scope of the grant (RFC 6749
 * §5.1), and userinfo accepts it.
 */
export function patchGrantedScope(provider: Provider): void {
  const { prototype } = modelsOf(provider).AccessToken;
  const { save } = prototype;
  prototype.save = async function () {
    const oidc = Provider.ctx?.oidc;
    const { AuthorizationCode, DeviceCode, RefreshToken, Grant } = oidc?.entities ?? {};
    const source = AuthorizationCode ?? DeviceCode ?? RefreshToken;
    if (this.resourceServer && source && Grant && source.grantId === this.grantId) {
      const narrowed = RefreshToken === source ? (oidc?.params?.['scope'] as string) : undefined;
      const requested = scopeTokens(narrowed ?? source.scope);
      const openId = scopeTokens(Grant.getOIDCScopeFiltered(new Set(requested)));
      const granted = new Set([...openId, ...scopeTokens(this.scope)]);
      this.scope = [...granted].join(' ');
      if (granted.has('openid')) this.claims = source.claims;
    }
    return save.call(this);
  };
}
