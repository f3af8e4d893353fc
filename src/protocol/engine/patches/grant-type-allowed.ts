import { errors, Provider } from 'oidc-provider';
import { maySupportGrant } from '../../../domain/clients/client-types.ts';
import { grantTypes } from '../../../oauth/grant-types.ts';
import { refusedGrant } from '../../token/refusals.ts';
import { modelsOf } from '../models.ts';
import { currentScope } from '../request-scope.ts';

/**
 * Replaces `Client.prototype.grantTypeAllowed`. A public client cannot use client_credentials, even if it is
 * registered for it. At the token endpoint and the device authorization endpoint (RFC 8628 §3.1) a refusal is
 * `unauthorized_client` (RFC 6749 §5.2); the engine would respond with `invalid_request`.
 */
export function patchGrantTypeAllowed(provider: Provider): void {
  const { prototype } = modelsOf(provider).Client;
  const { grantTypeAllowed: isRegistered } = prototype;
  prototype.grantTypeAllowed = function (grantType) {
    const registered = isRegistered.call(this, grantType);
    const isAllowed =
      registered &&
      maySupportGrant({ token_endpoint_auth_method: this.clientAuthMethod }, grantType);
    // While it handles a grant, the engine also asks about other grants; a refusal of those is not an error.
    const route = Provider.ctx?.oidc.route;
    const isRequested =
      route === 'token'
        ? !currentScope()?.work
        : route === 'device_authorization' && grantType === grantTypes.deviceCode;
    if (!isAllowed && isRequested)
      throw registered
        ? new errors.UnauthorizedClient('a public client cannot use this grant type')
        : refusedGrant(this, grantType);
    return isAllowed;
  };
}
