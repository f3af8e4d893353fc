import type { Provider } from 'oidc-provider';
import type { Client } from '../../../domain/clients/lookup.ts';
import type { ClientSecrets } from '../../../domain/clients/secrets.ts';
import { forEngine } from '../errors.ts';
import { modelsOf } from '../models.ts';
import { currentScope } from '../request-scope.ts';

/**
 * Replaces `Client.prototype.compareClientSecret`, which compares with a secret in clear text. Writ stores only
 * digests, and several secrets can be valid at once. A workload was authenticated before (protocol/workload-identity.ts).
 */
export function patchClientSecret(
  provider: Provider,
  {
    clientOf,
    secrets,
  }: { clientOf: (clientId: string) => Promise<Client | undefined>; secrets: ClientSecrets },
): void {
  modelsOf(provider).Client.prototype.compareClientSecret = function (presented) {
    const issued = currentScope()?.workload;
    if (issued) return issued.workload.clientId === this.clientId && issued.secret === presented;
    return forEngine(async () => {
      const client = await clientOf(this.clientId);
      return client !== undefined && secrets.matches(client, presented);
    });
  };
}
