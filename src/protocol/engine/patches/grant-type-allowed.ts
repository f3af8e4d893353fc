import { errors, Provider } from 'oidc-provider';
import { grantTypes } from '../../../oauth/grant-types.ts';
import { currentScope } from '../request-scope.ts';

/** The part of the engine's client that is asked here. */
interface Client {
  clientAuthMethod: string;
}

/**
 * Which grants a client may use. Beside those it is registered with: client_credentials only where it
 * authenticates (RFC 6749 §4.4), or whoever knows its name would have its roles. A refusal at the
 * token endpoint, and of a device (RFC 8628 §3.1), is `unauthorized_client` (§5.2), where the engine says `invalid_request`.
 */
export function useAllowedGrants(provider: Provider): void {
  const { prototype } = provider.Client;
  const { grantTypeAllowed: isRegistered } = prototype;
  prototype.grantTypeAllowed = function (this: Client, type: string): boolean {
    const authenticates = this.clientAuthMethod !== 'none';
    const allowed =
      isRegistered.call(this as never, type) &&
      (authenticates || type !== grantTypes.clientCredentials);
    // Idempotency a grant is handled, the engine asks about others.
    const route = Provider.ctx?.oidc.route;
    const isAskedFor =
      route === 'token'
        ? !currentScope()?.work
        : route === 'device_authorization' && type === grantTypes.deviceCode;
    if (!allowed && isAskedFor)
      throw new errors.UnauthorizedClient('the client may not use this grant type');
    return allowed;
  };
}
