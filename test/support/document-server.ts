// A website on the loopback interface, over https, at which clients have their metadata documents.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { OutgoingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { unique } from './unique.ts';

/** What the website answers; `wait` holds the response back. */
export interface Served {
  status?: number;
  headers?: OutgoingHttpHeaders;
  body: string;
  wait?: Promise<unknown> | undefined;
}

export interface DocumentServer {
  origin: string;
  /** How often each path was requested. */
  requests: Map<string, number>;
  /** Serves anything at a path. */
  serve(path: string, served: Served | undefined): void;
  /** Publishes the document of a client; returns its URL. Fields that are undefined are left out. */
  publish(fields?: Record<string, unknown>, options?: Partial<Served> & { path?: string }): string;
  close(): Promise<void>;
}

const certificate = async (): Promise<{ key: string; cert: string }> => {
  const directory = await mkdtemp(path.join(tmpdir(), 'writ-documents-'));
  const [keyFile, certFile] = ['key', 'cert'].map((name) => path.join(directory, name)) as [
    string,
    string,
  ];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', keyFile, '-out', certFile, '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ],
    { stdio: 'ignore' },
  );
  const [key, cert] = await Promise.all([readFile(keyFile, 'utf8'), readFile(certFile, 'utf8')]);
  await rm(directory, { recursive: true });
  return { key, cert };
};

/** Starts the website. Its certificate is trusted by this process until it is closed. */
export async function startDocumentServer(): Promise<DocumentServer> {
  const { key, cert } = await certificate();
  const trusted = getCACertificates('default');
  setDefaultCACertificates([...trusted, cert]);
  const pages = new Map<string, Served>();
  const requests = new Map<string, number>();
  const server = createServer({ key, cert }, async (request, response) => {
    const { url = '' } = request;
    requests.set(url, (requests.get(url) ?? 0) + 1);
    const served = pages.get(url);
    await served?.wait;
    response.writeHead(served?.status ?? (served ? 200 : 404), {
      'Content-Type': 'application/json',
      ...served?.headers,
    });
    response.end(served?.body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  const serve = (at: string, served: Served | undefined) => {
    if (served) pages.set(at, served);
    else pages.delete(at);
  };
  return {
    origin,
    requests,
    serve,
    publish(fields = {}, { path: at = `/${unique('client')}.json`, ...served } = {}) {
      const url = origin + at;
      const document = {
        client_id: url,
        client_name: 'Assistant',
        redirect_uris: ['https://assistant.example/back'],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        ...fields,
      };
      serve(at, { body: JSON.stringify(document), ...served });
      return url;
    },
    async close() {
      setDefaultCACertificates(trusted);
      await new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      });
    },
  };
}
