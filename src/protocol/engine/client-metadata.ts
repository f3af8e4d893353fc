import { errors, type Provider } from 'oidc-provider';
import { lifetimes } from '../../../config/lifetimes.ts';
import type { ValidateMetadata } from '../../domain/clients/merge-patch.ts';
import { clientProfiles } from '../../domain/clients/profiles.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { requireSupportedCertificates } from '../client-certificates.ts';
import { engineMetadata } from './adapter/clients.ts';
import { describeMetadataProblem } from './client-metadata-words.ts';
import { modelsOf } from './models.ts';

/**
 * The client metadata that Writ adds to RFC 7591. Lifetimes (`…_ttl`, `device_lifetimes`) are in seconds.
 * `allowed_scope` is the client's registered `scope`, `enforce_polling_interval` controls `slow_down` (RFC 8628 §3.5),
 * `token_endpoint_audience` lets assertions name the token endpoint as their audience, `profile` is the security profile
 * (domain/clients/profiles.ts), and `allowed_details_types` are the client's `authorization_details_types` (RFC 9396 §10).
 */
export const ownMetadata = [
  'access_token_ttl',
  'authorization_code_ttl',
  'refresh_token_ttl',
  'refresh_token_idle_ttl',
  'access_token_format',
  'rotate_refresh_tokens',
  'allowed_scope',
  'device_lifetimes',
  'enforce_polling_interval',
  'token_endpoint_audience',
  'require_pkce',
  'first_party',
  'require_second_factor',
  'optional_scopes',
  'profile',
  'allowed_details_types',
  'claims_in_id_token',
  'token_exchange_impersonation',
  'agent',
];

/** Validates one member of `ownMetadata`; throws the engine's `invalid_client_metadata`. */
export function validateOwnMetadata(_ctx: unknown, key: string, value: unknown): void {
  if (value === undefined) return;
  if (key.endsWith('_ttl') && !(Number.isInteger(value) && (value as number) > 0))
    throw new errors.InvalidClientMetadata(`${key} must be a positive whole number of seconds`);
  if (key === 'authorization_code_ttl' && (value as number) > lifetimes.registeredClientCode)
    throw new errors.InvalidClientMetadata(
      `authorization_code_ttl must be at most ${lifetimes.registeredClientCode} seconds`,
    );
  if (key === 'access_token_format' && value !== 'opaque' && value !== 'jwt')
    throw new errors.InvalidClientMetadata('access_token_format must be opaque or jwt');
  if (key === 'profile' && !clientProfiles.some((name) => name === value))
    throw new errors.InvalidClientMetadata(`profile must be ${clientProfiles.join(' or ')}`);
  if (key === 'allowed_details_types' && !isListOfTypes(value))
    throw new errors.InvalidClientMetadata(
      'authorization_details_types must be a list of 1 to 50 different types',
    );
  if (booleans.includes(key) && typeof value !== 'boolean')
    throw new errors.InvalidClientMetadata(`${key} must be true or false`);
  if (key === 'optional_scopes' && !isListOfNames(value))
    throw new errors.InvalidClientMetadata('optional_scopes must be a list of names of scopes');
  if (key === 'device_lifetimes' && !isListOfLifetimes(value))
    throw new errors.InvalidClientMetadata(
      'device_lifetimes must be a list of 1 to 10 lifetimes in seconds, each from 60 (a minute) to 31622400 (366 days)',
    );
}

const booleans = [
  'rotate_refresh_tokens',
  'enforce_polling_interval',
  'token_endpoint_audience',
  'require_pkce',
  'first_party',
  'require_second_factor',
  'claims_in_id_token',
  'token_exchange_impersonation',
];

const isListOfTypes = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length >= 1 &&
  value.length <= 50 &&
  new Set(value).size === value.length &&
  value.every((type) => typeof type === 'string' && type !== '');

const isListOfNames = (value: unknown): boolean =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');

const isListOfLifetimes = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length >= 1 &&
  value.length <= 10 &&
  value.every((seconds) => Number.isInteger(seconds) && seconds >= 60 && seconds <= 366 * 86_400);

/**
 * Validates client metadata before it is stored, by the rules that the engine applies when it reads the client.
 * `provider` returns the current engine. Refuses what the settings do not support. Throws `invalid_client_metadata`.
 */
export function clientMetadataValidator(
  provider: () => Provider,
  settings: Parameters<typeof requireSupportedCertificates>[1],
): ValidateMetadata {
  return (clientId, metadata) => {
    requireSupportedCertificates(metadata, settings);
    const { Client } = modelsOf(provider());
    try {
      new Client(engineMetadata(clientId, metadata));
    } catch (cause) {
      if (!(cause instanceof errors.OIDCProviderError)) throw cause;
      const said = cause.error_description ?? cause.message;
      throw new OAuthError('invalid_client_metadata', describeMetadataProblem(said), { cause });
    }
  };
}
