import type { Provider } from 'oidc-provider';
import { dialectResources } from '../../../../config/dialects.ts';
import { isConfidentialAppOf } from '../../../domain/clients/client-types.ts';
import { accessCodeMode } from '../../../oauth/response-modes.ts';
import { modelsOf } from '../models.ts';
import { currentScope } from '../request-scope.ts';

/**
 * Replaces `Client.prototype.responseModeAllowed`, for pushed requests as well. Codes in the mode `access_code` live
 * longer, so only clients of Speckle's resource that redeem codes with a secret can use it.
 */
export function patchResponseModeAllowed(provider: Provider): void {
  const { prototype } = modelsOf(provider).Client;
  const { responseModeAllowed } = prototype;
  prototype.responseModeAllowed = function (mode, ...rest) {
    if (mode === accessCodeMode) {
      const client = currentScope()?.clients.get(this.clientId);
      if (!client || !isConfidentialAppOf(dialectResources.speckle, client)) return false;
    }
    return responseModeAllowed.call(this, mode, ...rest);
  };
}
