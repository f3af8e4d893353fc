import { errors, Provider } from 'oidc-provider';
import { maySupportGrant } from '../../../domain/clients/client-types.ts';
import { grantTypes } from '../../../oauth/grant-types.ts';
import { modelsOf } from '../models.ts';
import { currentScope } from '../request-scope.ts';

/**
 * Replaces `Client.prototype.grantTypeAllowed`. A public client may not use client_credentials, even if it is
 * registered with it. At the token endpoint, and for a device (RFC 8628 §3.1), a refusal is
 * `unauthorized_client` (RFC 6749 §5.2), where the engine answers `invalid_request`.
 */
export function patchGrantTypeAllowed(provider: Provider): void {
  const { prototype } = modelsOf(provider).Client;
  const { grantTypeAllowed: isRegistered } = prototype;
  prototype.grantTypeAllowed = function (grantType) {
    const isAllowed =
      isRegistered.call(this, grantType) &&
      maySupportGrant({ token_endpoint_auth_method: this.clientAuthMethod }, grantType);
    // While a grant is handled, the engine asks about other grants, and a refusal is no error.
    const route = Provider.ctx?.oidc.route;
    const isRequested =
      route === 'token'
        ? !currentScope()?.work
        : route === 'device_authorization' && grantType === grantTypes.deviceCode;
    if (!isAllowed && isRequested)
      throw new errors.UnauthorizedClient('the client may not use this grant type');
    return isAllowed;
  };
}
