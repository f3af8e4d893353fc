import type { Middleware } from 'koa';
import { urlOf } from '../../oauth/issuer.ts';
import { endpoints, signalConfigurationPath } from '../../oauth/paths.ts';
import { apiPrefix } from '../framework/router.ts';

/** The methods of delivery. */
export const deliveryMethods = { push: 'urn:ietf:rfc:8935', poll: 'urn:ietf:rfc:8936' } as const;

export const signalPaths = {
  stream: '/signals/stream',
  status: '/signals/status',
  verification: '/signals/verification',
  poll: '/signals/streams/{stream_id}/poll',
} as const;

/** The metadata of this server as a transmitter of Shared Signals (SSF 1.0 §7.1), without authentication. */
export function serveSignalConfiguration({ issuer }: { issuer: string }): Middleware {
  const at = (path: string) => urlOf(issuer, apiPrefix + path);
  const configuration = {
    spec_version: '1_0',
    issuer,
    jwks_uri: urlOf(issuer, endpoints.jwks),
    delivery_methods_supported: Object.values(deliveryMethods),
    configuration_endpoint: at(signalPaths.stream),
    status_endpoint: at(signalPaths.status),
    verification_endpoint: at(signalPaths.verification),
    critical_subject_members: ['user', 'session', 'application'],
    default_subjects: 'ALL',
    authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6749' }, { spec_urn: 'urn:ietf:rfc:7617' }],
  };
  return async (ctx, next) => {
    if (ctx.path !== signalConfigurationPath) return next();
    ctx.set('Cache-Control', 'public, max-age=300');
    ctx.body = configuration;
  };
}
