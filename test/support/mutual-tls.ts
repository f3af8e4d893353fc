// Certificates made by openssl, and a proxy that terminates TLS and passes the certificate of the client on.
import { execFile } from 'node:child_process';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import type { Answer } from './http.ts';

const run = promisify(execFile);

/** A certificate with its key, both as PEM. */
export interface KeyAndCertificate {
  cert: string;
  key: string;
  x509: X509Certificate;
  /** Its key as a JWK with `x5c` (RFC 7517 §4.7). */
  jwk: Record<string, unknown>;
}

interface CertificateOptions {
  /** As openssl takes it: `/C=DE/O=Acme/CN=backend`. */
  subject: string;
  /** Extensions, as in `subjectAltName=DNS:backend.acme.test`. */
  extensions?: string[];
  days?: number;
}

/** A directory in which openssl makes certificates. */
export interface CertificateMaker {
  directory: string;
  /** An authority; its certificate is in the file `${name}.pem`. */
  authority(name: string): Promise<KeyAndCertificate>;
  /** A certificate that an authority signs; one that signs itself without `by`. */
  issue(options: CertificateOptions, by?: string): Promise<KeyAndCertificate>;
  close(): Promise<void>;
}

export async function makeCertificates(): Promise<CertificateMaker> {
  const directory = await mkdtemp(path.join(tmpdir(), 'writ-certificates-'));
  const file = (name: string) => path.join(directory, name);
  let count = 0;
  const make = async (name: string, options: CertificateOptions & { by?: string | undefined }) => {
    const { subject, extensions = [], days = 2, by } = options;
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`), '-days', String(days)],
      ...['-subj', subject, '-utf8', ...extensions.flatMap((each) => ['-addext', each])],
      ...(by ? ['-CA', file(`${by}.pem`), '-CAkey', file(`${by}.key`)] : []),
    ]);
    const [cert, key] = await Promise.all(
      [`${name}.pem`, `${name}.key`].map((each) => readFile(file(each), 'utf8')),
    );
    if (!cert || !key) throw new Error('openssl made no certificate');
    const x509 = new X509Certificate(cert);
    const jwk = createPublicKey(key).export({ format: 'jwk' });
    return { cert, key, x509, jwk: { ...jwk, x5c: [x509.raw.toString('base64')] } };
  };
  return {
    directory,
    authority: (name) =>
      make(name, {
        subject: `/CN=${name}`,
        extensions: ['basicConstraints=critical,CA:TRUE'],
      }),
    issue: (options, by) => {
      count += 1;
      return make(`leaf-${count}`, {
        ...options,
        extensions: ['basicConstraints=CA:FALSE', ...(options.extensions ?? [])],
        by,
      });
    },
    close: () => rm(directory, { recursive: true }),
  };
}

/** Writes certificates into one file, as CLIENT_CERTIFICATE_AUTHORITIES takes it. */
export async function writeAuthorities(
  { directory }: CertificateMaker,
  authorities: readonly KeyAndCertificate[],
): Promise<string> {
  const file = path.join(directory, 'authorities.pem');
  await writeFile(file, authorities.map(({ cert }) => cert).join('\n'));
  return file;
}

/** The forms in which proxies pass certificates on. */
export const certificateForms = {
  'percent-encoded PEM, as nginx has it': (x509: X509Certificate) =>
    encodeURIComponent(x509.toString()),
  'a byte sequence (RFC 9440)': ({ raw }: X509Certificate) => `:${raw.toString('base64')}:`,
  'base64 of the DER': ({ raw }: X509Certificate) => raw.toString('base64'),
} as const;

export interface TlsProxy {
  port: number;
  form: keyof typeof certificateForms;
  /** Sends a request through the proxy, with the certificate of a client. */
  request(
    path: string,
    options: {
      by?: KeyAndCertificate | undefined;
      form?: Record<string, string>;
      headers?: Record<string, string>;
    },
  ): Promise<Answer>;
  close(): Promise<void>;
}

/**
 * A proxy that asks every client for a certificate, of whatever authority, and connects to the server from `address`. It replaces
 * the header in every request.
 */
export async function openTlsProxy(options: {
  server: string;
  header: string;
  address: string;
  own: KeyAndCertificate;
}): Promise<TlsProxy> {
  const { server, header, address, own } = options;
  const listener = https.createServer(
    { cert: own.cert, key: own.key, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const certificate = (request.socket as TLSSocket).getPeerX509Certificate();
      const headers: http.OutgoingHttpHeaders = { ...request.headers };
      delete headers[header.toLowerCase()];
      if (certificate) headers[header] = certificateForms[proxy.form](certificate);
      headers['x-forwarded-for'] = request.socket.remoteAddress;
      const onward = http.request(
        server + request.url,
        { method: request.method, headers, localAddress: address, agent: false },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    },
  );
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const proxy: TlsProxy = {
    port,
    form: 'percent-encoded PEM, as nginx has it',
    async request(target, { by, form, headers = {} }) {
      const sent = https.request({
        host: '127.0.0.1',
        port,
        path: target,
        method: form ? 'POST' : 'GET',
        agent: false,
        rejectUnauthorized: false,
        ...(by && { cert: by.cert, key: by.key }),
        headers: {
          ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
      });
      const body = form && new URLSearchParams(form).toString();
      if (body) sent.setHeader('content-length', Buffer.byteLength(body));
      sent.end(body);
      const [response] = (await once(sent, 'response')) as [http.IncomingMessage];
      let text = '';
      for await (const part of response.setEncoding('utf8')) text += part;
      const isJson = response.headers['content-type']?.includes('json') && text;
      return {
        status: response.statusCode ?? 0,
        headers: new Headers(response.headers as Record<string, string>),
        body: isJson ? JSON.parse(text) : text,
        text,
      };
    },
    async close() {
      listener.closeAllConnections();
      listener.close();
      await once(listener, 'close');
    },
  };
  return proxy;
}
