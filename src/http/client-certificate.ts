/**
 * THE CLIENT CERTIFICATE OF A REQUEST (RFC 8705). A proxy terminates TLS and has verified that the client has the certificate's key;
 * it passes the certificate on in a header, in one of three forms: percent-encoded PEM (`$ssl_client_escaped_cert` of nginx), a
 * byte sequence (RFC 9440 §2.1), or base64 of the DER.
 */
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { OAuthError } from '../oauth/errors.ts';
import type { Log } from './log.ts';

/**
 * The certificate of a request; undefined without one, or if no proxy that is trusted states it. Throws `invalid_request` for a
 * header that has none.
 */
export type ReadCertificate = (
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
) => X509Certificate | undefined;

/** Reads certificates, and knows whether anyone else than a proxy has stated one. */
export interface Certificates {
  of: ReadCertificate;
  sawUntrusted(): boolean;
}

/** Reads no certificate: the installation has no proxy that states them. */
export const noCertificates: ReadCertificate = () => undefined;

/**
 * Reads certificates from the header `header` of requests whose connection comes from a proxy. In other requests the
 * header is ignored, since anyone can send it; the first one is logged.
 */
export function createCertificates({
  header,
  isProxy,
  log,
}: {
  header: string;
  /** Whether a connection from an address is one of a trusted proxy. */
  isProxy: (address: string | undefined) => boolean;
  log: Pick<Log, 'warn'>;
}): Certificates {
  const name = header.toLowerCase();
  let hasWarned = false;
  const of: ReadCertificate = ({ headers, socket }) => {
    const value = headers[name]?.toString().trim();
    if (!value) return undefined;
    if (isProxy(socket.remoteAddress)) return parseCertificate(value, header);
    if (!hasWarned) {
      hasWarned = true;
      log.warn(
        { header, address: socket.remoteAddress },
        'ignored a client certificate in a header, because the connection comes from an address that is not in CLIENT_CERTIFICATE_PROXIES. If it is your proxy, add its address; otherwise a caller has tried to pass for another client',
      );
    }
    return undefined;
  };
  return { of, sawUntrusted: () => hasWarned };
}

/** Parses the value of the header. Throws `invalid_request`. */
function parseCertificate(value: string, header: string): X509Certificate {
  const der = derOf(value);
  try {
    if (der) {
      const certificate = new X509Certificate(der);
      // OpenSSL ignores what follows a certificate.
      if (certificate.raw.equals(der)) return certificate;
    }
  } catch {}
  throw new OAuthError(
    'invalid_request',
    `The proxy in front of this server sent a client certificate in the header ${header} that cannot be read. It must send one certificate: as percent-encoded PEM, as a byte sequence (RFC 9440), or as base64 of its DER.`,
  );
}

const pem = /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/;

function derOf(value: string): Buffer | undefined {
  const [, bytes] = /^:([^:]*):$/.exec(value) ?? [];
  if (bytes !== undefined) return fromBase64(bytes);
  const text = decoded(value);
  return fromBase64((pem.exec(text)?.[1] ?? text).replace(/\s/g, ''));
}

/** The value with its percent-encoding resolved. A plus sign is itself. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return '';
  }
}

function fromBase64(text: string): Buffer | undefined {
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.replace(/=+$/, '').length % 4 !== 1;
  return isBase64 ? Buffer.from(text, 'base64') : undefined;
}
