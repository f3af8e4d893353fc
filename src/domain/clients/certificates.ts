/**
 * CERTIFICATES OF CLIENTS (RFC 8705 §2): which certificate authenticates which client. A client with `tls_client_auth` names what
 * a certificate of a trusted authority has; one with `self_signed_tls_client_auth` registers its certificates with its keys.
 */
import { createPublicKey, hash, type KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { namesOf, parseDistinguishedName } from '../../crypto/certificate-names.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { certificateMethods } from './client-types.ts';

/** The members of metadata that name a certificate, of which a client has one (RFC 8705 §2.1.2). */
const certificateNames = [
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
] as const;

export type CertificateName = (typeof certificateNames)[number];

type Metadata = Readonly<Record<string, unknown>>;

/** The thumbprint of a certificate in `x5t#S256` (RFC 8705 §3.1). */
export const thumbprintOf = ({ raw }: Pick<X509Certificate, 'raw'>): string =>
  hash('sha256', raw, 'base64url');

/** Whether a certificate has the name that the client is registered with (RFC 8705 §2.1). */
export function hasRegisteredName(certificate: X509Certificate, metadata: Metadata): boolean {
  const name = certificateNames.find((each) => metadata[each] !== undefined);
  return name !== undefined && hasName(certificate, name, String(metadata[name]));
}

/** Whether a certificate has a name. One that cannot be read has none. */
export function hasName(
  certificate: X509Certificate,
  name: CertificateName,
  expected: string,
): boolean {
  let names: ReturnType<typeof namesOf>;
  try {
    names = namesOf(certificate);
  } catch {
    return false;
  }
  switch (name) {
    case 'tls_client_auth_subject_dn': {
      const wanted = parseDistinguishedName(expected);
      return wanted !== undefined && JSON.stringify(names.subject) === JSON.stringify(wanted);
    }
    case 'tls_client_auth_san_dns':
      return names.dns.some((each) => each.toLowerCase() === expected.toLowerCase());
    case 'tls_client_auth_san_uri':
      return names.uri.includes(expected);
    case 'tls_client_auth_san_ip': {
      const address = addressBytes(expected);
      return address !== undefined && names.ip.some((each) => each.equals(address));
    }
    case 'tls_client_auth_san_email':
      return names.email.some((each) => mailbox(each) === mailbox(expected));
  }
}

/** The host of an email address has no case; what is before it has (RFC 5280 §7.5). */
const mailbox = (address: string): string =>
  address.replace(/@[^@]*$/, (host) => host.toLowerCase());

/** The bytes of an IP address; undefined for another text. */
function addressBytes(text: string): Buffer | undefined {
  if (isIP(text) === 4) return Buffer.from(text.split('.').map(Number));
  if (isIP(text) !== 6 || text.includes('%')) return undefined;
  // The URL parser writes every form of an address in the same way, without an IPv4 part.
  const [left = '', right] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string) => part.split(':').filter(Boolean);
  const [first, last] = [groups(left), groups(right ?? '')];
  const zeros = right === undefined ? [] : Array<string>(8 - first.length - last.length).fill('0');
  const bytes = Buffer.alloc(16);
  for (const [index, group] of [...first, ...zeros, ...last].entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * index);
  return bytes;
}

/** Which certificates are trusted for `tls_client_auth`. */
export type IsTrusted = (certificate: X509Certificate) => boolean;

/**
 * Trusts certificates that one of these authorities has signed, directly or through others of the list, while all of them are
 * valid. A certificate with extended key usages needs that of TLS clients (RFC 5280 §4.2.1.12).
 */
export function createIsTrusted(
  authorities: readonly X509Certificate[],
  clock: () => number = Date.now,
): IsTrusted {
  const isIssuedByOne = (certificate: X509Certificate, now: number): boolean =>
    authorities.some(
      (authority) => authority.ca && isValid(authority, now) && isSignedBy(certificate, authority),
    );
  return (certificate) => {
    const { keyUsage } = certificate;
    const now = clock();
    return (
      isValid(certificate, now) &&
      (!keyUsage || keyUsage.includes(clientAuth) || keyUsage.includes(anyUsage)) &&
      isIssuedByOne(certificate, now)
    );
  };
}

const clientAuth = '1.3.6.1.5.5.7.3.2';
const anyUsage = '2.5.29.37.0';

const isValid = ({ validFromDate, validToDate }: X509Certificate, now: number): boolean =>
  validFromDate.getTime() <= now && now <= validToDate.getTime();

function isSignedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  try {
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  } catch {
    return false;
  }
}

/** Whether a certificate is one of those that a client has registered with its keys (RFC 8705 §2.2). */
export const isRegistered = (
  certificate: X509Certificate,
  keys: readonly { readonly x5c?: readonly string[] | undefined }[],
): boolean =>
  keys.some(
    ({ x5c }) => x5c?.[0] !== undefined && Buffer.from(x5c[0], 'base64').equals(certificate.raw),
  );

/** Throws `invalid_client_metadata` for metadata of certificates that fits no certificate, or not the way that the client authenticates. */
export function requireCertificates(metadata: Metadata): void {
  const method = metadata['token_endpoint_auth_method'];
  const given = certificateNames.filter((name) => metadata[name] !== undefined);
  const [name, another] = given;
  if (method !== certificateMethods.byName && name !== undefined)
    throw refused(name, `${name} is only for clients that authenticate with tls_client_auth.`);
  if (method === certificateMethods.byName) {
    if (name === undefined)
      throw refused(
        certificateNames[0],
        `A client that authenticates with tls_client_auth needs one of ${certificateNames.join(', ')}.`,
      );
    if (another !== undefined)
      throw refused(
        another,
        `Only one name of the certificate can be registered: ${name} or ${another}.`,
      );
    requireName(name, metadata[name]);
  }
  if (method === certificateMethods.selfSigned) requireRegistered(metadata);
  if (
    metadata['tls_client_certificate_bound_access_tokens'] === true &&
    metadata['dpop_bound_access_tokens'] === true
  )
    throw refused(
      'tls_client_certificate_bound_access_tokens',
      'Tokens are bound to a certificate or to a DPoP key, not to both.',
    );
}

const problems: Readonly<Record<CertificateName, [(text: string) => boolean, string]>> = {
  tls_client_auth_subject_dn: [
    (text) => parseDistinguishedName(text) !== undefined,
    'a distinguished name as in CN=backend,O=Acme (RFC 4514), as openssl x509 -noout -subject -nameopt RFC2253 prints it',
  ],
  tls_client_auth_san_dns: [(text) => /^[\w*-]+(\.[\w-]+)*$/.test(text), 'the name of a host'],
  tls_client_auth_san_uri: [(text) => /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(text), 'a URI'],
  tls_client_auth_san_ip: [(text) => addressBytes(text) !== undefined, 'an IP address'],
  tls_client_auth_san_email: [(text) => /^[\x21-\x7e]+@[\w.-]+$/.test(text), 'an email address'],
};

function requireName(name: CertificateName, value: unknown): void {
  const [isSound, words] = problems[name];
  if (typeof value !== 'string' || value.length > 1_000 || !isSound(value))
    throw refused(name, `${name} must be ${words}.`);
}

/** With `jwks_uri`, keys can change; those without a certificate then authenticate no one. */
function requireRegistered({ jwks, jwks_uri: uri }: Metadata): void {
  const { keys } = (jwks ?? {}) as { keys?: unknown };
  if (uri !== undefined) return;
  if (!Array.isArray(keys) || keys.length === 0)
    throw refused(
      'jwks',
      'A client that authenticates with self_signed_tls_client_auth registers its certificates: jwks with keys that have x5c, or jwks_uri.',
    );
  for (const key of keys as Record<string, unknown>[]) {
    const certificate = certificateIn(key);
    if (!certificate)
      throw refused('jwks', 'jwks: each key needs its certificate in x5c (RFC 7517 §4.7).');
    if (!isKeyOf(certificate, key))
      throw refused('jwks', 'jwks: the certificate in x5c has another key (RFC 7517 §4.7).');
  }
}

function certificateIn({ x5c }: Record<string, unknown>): X509Certificate | undefined {
  const [first] = Array.isArray(x5c) ? x5c : [];
  try {
    return typeof first === 'string'
      ? new X509Certificate(Buffer.from(first, 'base64'))
      : undefined;
  } catch {
    return undefined;
  }
}

function isKeyOf({ publicKey }: { publicKey: KeyObject }, key: Record<string, unknown>): boolean {
  try {
    return createPublicKey({ key: key as never, format: 'jwk' }).equals(publicKey);
  } catch {
    return false;
  }
}

const refused = (parameter: string, message: string) =>
  new OAuthError('invalid_client_metadata', message, { parameter });
