/**
 * MUTUAL TLS (RFC 8705) at the engine's endpoints. The engine asks here for the certificate of a request, and whether it is that of
 * the client; it binds tokens to certificates itself. Introspection and revocation: client-authentication.ts.
 */
import type { Provider } from 'oidc-provider';
import type { Settings } from '../../config/settings.ts';
import { type CertificateName, hasName, type IsTrusted } from '../domain/clients/certificates.ts';
import { certificateMethods } from '../domain/clients/client-types.ts';
import type { ReadCertificate } from '../http/client-certificate.ts';
import { OAuthError } from '../oauth/errors.ts';
import { urlOf } from '../oauth/issuer.ts';
import { endpoints } from '../oauth/paths.ts';
import { orEngineError } from './engine/errors.ts';
import { engineContextOf } from './engine/models.ts';
import type { EngineCertificate } from './token/token-proof.ts';

export type CertificateSettings =
  | 'CLIENT_CERTIFICATE_HEADER'
  | 'CLIENT_CERTIFICATE_AUTHORITIES'
  | 'CLIENT_CERTIFICATE_URL';

interface Dependencies {
  certificateOf: ReadCertificate;
  isTrusted: IsTrusted;
}

/**
 * The part of the engine's configuration that is about client certificates. It is on in every installation: without a header no
 * request has a certificate, so that clients whose tokens are bound to one get none at all, instead of bearer tokens.
 */
export function createCertificateFeature({ certificateOf, isTrusted }: Dependencies) {
  const of: EngineCertificate = (ctx) => orEngineError(() => certificateOf(ctx.req));
  const inContext = (ctx: object) => of(ctx as Parameters<EngineCertificate>[0]);
  return {
    of,
    feature: {
      enabled: true,
      certificateBoundAccessTokens: true,
      selfSignedTlsClientAuth: true,
      tlsClientAuth: true,
      getCertificate: inContext,
      certificateAuthorized(ctx: object): boolean {
        const certificate = inContext(ctx);
        return certificate !== undefined && isTrusted(certificate);
      },
      certificateSubjectMatches(ctx: object, name: string, expected: string): boolean {
        const certificate = inContext(ctx);
        return certificate !== undefined && hasName(certificate, name as CertificateName, expected);
      },
    },
  };
}

/** The ways to authenticate with a certificate that an installation supports. */
const supportedCertificateMethods = ({
  CLIENT_CERTIFICATE_HEADER: header,
  CLIENT_CERTIFICATE_AUTHORITIES: authorities,
}: Pick<Settings, Exclude<CertificateSettings, 'CLIENT_CERTIFICATE_URL'>>): string[] => [
  ...(header ? [certificateMethods.selfSigned] : []),
  ...(header && authorities ? [certificateMethods.byName] : []),
];

/** Throws `invalid_client_metadata` for metadata that needs certificates which the installation does not get. */
export function requireSupportedCertificates(
  metadata: Readonly<Record<string, unknown>>,
  settings: Parameters<typeof supportedCertificateMethods>[0],
): void {
  const method = metadata['token_endpoint_auth_method'];
  const refuse = (parameter: string, setting: string): never => {
    throw new OAuthError(
      'invalid_client_metadata',
      `${parameter}: this server is not set up for it: ${setting} is not set.`,
      { parameter },
    );
  };
  const isOff = !settings.CLIENT_CERTIFICATE_HEADER;
  if (isOff && metadata['tls_client_certificate_bound_access_tokens'] === true)
    refuse('tls_client_certificate_bound_access_tokens', 'CLIENT_CERTIFICATE_HEADER');
  const isByCertificate = Object.values(certificateMethods).some((each) => each === method);
  if (isByCertificate && !supportedCertificateMethods(settings).includes(String(method)))
    refuse(
      'token_endpoint_auth_method',
      isOff ? 'CLIENT_CERTIFICATE_HEADER' : 'CLIENT_CERTIFICATE_AUTHORITIES',
    );
}

/** The endpoints that clients with certificates use (RFC 8705 §5). */
const aliased = [
  'token_endpoint',
  'introspection_endpoint',
  'revocation_endpoint',
  'userinfo_endpoint',
  'device_authorization_endpoint',
  'pushed_authorization_request_endpoint',
] as const;

const paths: Readonly<Record<(typeof aliased)[number], string>> = {
  token_endpoint: endpoints.token,
  introspection_endpoint: endpoints.introspection,
  revocation_endpoint: endpoints.revocation,
  userinfo_endpoint: endpoints.userinfo,
  device_authorization_endpoint: endpoints.device_authorization,
  pushed_authorization_request_endpoint: endpoints.pushed_authorization_request,
};

/** Makes the metadata say what the installation supports, and where clients send their certificates (RFC 8705 §3.3, §5). */
export function announceCertificates(
  provider: Provider,
  { settings }: { settings: Pick<Settings, CertificateSettings> },
): void {
  const isOn = settings.CLIENT_CERTIFICATE_HEADER !== undefined;
  const url = settings.CLIENT_CERTIFICATE_URL;
  const unsupported: string[] = Object.values(certificateMethods).filter(
    (method) => !supportedCertificateMethods(settings).includes(method),
  );
  provider.use(async (context, next) => {
    await next();
    const ctx = engineContextOf(context);
    if (ctx?.oidc.route !== 'discovery' || ctx.status !== 200) return;
    const { token_endpoint_auth_methods_supported: methods, ...body } = ctx.body as {
      token_endpoint_auth_methods_supported: string[];
    };
    ctx.body = {
      ...body,
      token_endpoint_auth_methods_supported: methods.filter(
        (method) => !unsupported.includes(method),
      ),
      tls_client_certificate_bound_access_tokens: isOn || undefined,
      mtls_endpoint_aliases:
        url && Object.fromEntries(aliased.map((name) => [name, urlOf(url, paths[name])])),
    };
  });
}
