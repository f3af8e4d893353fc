import { errors, type Provider } from 'oidc-provider';
import { OAuthError } from '../../oauth/errors.ts';
import { engineMetadata } from './adapter/clients.ts';

/** Checks metadata (RFC 7591 §2) before it is stored; throws `invalid_client_metadata` with what is wrong. */
export type ValidateClientMetadata = (clientId: string, metadata: Record<string, unknown>) => void;

/** The engine reads stored metadata at every request, so what it would refuse then is refused now. */
export function clientMetadataValidator(provider: Provider): ValidateClientMetadata {
  const Client = provider.Client as unknown as new (metadata: object) => object;
  return (clientId, metadata) => {
    try {
      new Client(engineMetadata(clientId, metadata));
    } catch (cause) {
      if (!(cause instanceof errors.OIDCProviderError)) throw cause;
      throw new OAuthError('invalid_client_metadata', cause.error_description ?? cause.message, {
        cause,
      });
    }
  };
}
