import { errors, Provider } from 'oidc-provider';
import { maySupportGrant } from '../../../domain/clients/client-types.ts';
import type { IssuerRule } from '../../../domain/issuers/types.ts';
import { grantTypes } from '../../../oauth/grant-types.ts';
import { refusedGrant } from '../../token/refusals.ts';
import { isIdJag } from '../../workload-identity.ts';
import { modelsOf } from '../models.ts';
import { currentScope } from '../request-scope.ts';

/** Whether the assertion of the request is for the client itself: what it gets is what client_credentials would give it. */
const isForItself = (): boolean => {
  const assertion = Provider.ctx?.oidc.params?.['assertion'];
  return typeof assertion !== 'string' || !isIdJag(assertion);
};

/** Whether a rule has less than the client. People's tokens are not narrowed, so it does not allow them. */
const narrows = (rule: IssuerRule | undefined): boolean =>
  rule !== undefined && (rule.scopes !== null || rule.roles !== null);

const isOwn = (grantType: string): boolean =>
  grantType === grantTypes.clientCredentials ||
  (grantType === grantTypes.jwtBearer && isForItself());

/**
 * Replaces `Client.prototype.grantTypeAllowed`. A public client cannot use client_credentials, even if it is
 * registered for it. At the token endpoint and the device authorization endpoint (RFC 8628 §3.1) a refusal is
 * `unauthorized_client` (RFC 6749 §5.2); the engine would respond with `invalid_request`.
 */
export function patchGrantTypeAllowed(provider: Provider): void {
  const { prototype } = modelsOf(provider).Client;
  const { grantTypeAllowed: isRegistered } = prototype;
  prototype.grantTypeAllowed = function (grantType) {
    const registered =
      isRegistered.call(this, grantType) ||
      (grantType === grantTypes.jwtBearer &&
        isForItself() &&
        isRegistered.call(this, grantTypes.clientCredentials));
    if (registered && narrows(currentScope()?.workload?.workload.rule) && !isOwn(grantType))
      throw new errors.UnauthorizedClient(
        'the rule of the trusted issuer only allows tokens of the client itself',
      );
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
