/** THE KINDS OF PROGRAMS that clients stand for, with the metadata of each (RFC 7591 §2). */
import { appDeviceLifetimes } from '../../../config/apps.ts';
import { grantTypes } from '../../oauth/grant-types.ts';

type KindMetadata = Record<string, unknown> & { grant_types: string[] };

const actsForItself: KindMetadata = {
  application_type: 'web',
  grant_types: [grantTypes.clientCredentials],
  response_types: [],
  token_endpoint_auth_method: 'client_secret_basic',
};

/** The metadata by kind. `website` runs only in browsers; `website_with_server` has a backend that keeps a secret. */
export const metadataOfKind = {
  server: actsForItself,
  agent: actsForItself,
  website_with_server: {
    application_type: 'web',
    grant_types: [grantTypes.authorizationCode, grantTypes.refreshToken],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
    require_pkce: true,
  },
  website: {
    application_type: 'web',
    grant_types: [grantTypes.authorizationCode, grantTypes.refreshToken],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  native: {
    application_type: 'native',
    grant_types: [grantTypes.authorizationCode, grantTypes.refreshToken],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  device: {
    application_type: 'native',
    grant_types: [grantTypes.deviceCode, grantTypes.refreshToken],
    response_types: [],
    token_endpoint_auth_method: 'none',
    device_lifetimes: appDeviceLifetimes,
  },
} satisfies Readonly<Record<string, KindMetadata>>;
