/** CLIENT ID METADATA DOCUMENTS: which hosts clients can have one at (CLIENT_METADATA_DOCUMENTS), and their bounds. */
import { readDomains } from './registration.ts';

/** Whose documents are read: no one's, everyone's, or those of hosts; `*.acme.com` for the hosts below acme.com. */
export type DocumentPolicy = 'off' | 'open' | readonly string[];

/** Parses CLIENT_METADATA_DOCUMENTS. Returns the policy, or what is wrong. */
export function readDocumentPolicy(text: string): { policy: DocumentPolicy } | { problem: string } {
  if (text === 'off' || text === 'open') return { policy: text };
  const read = readDomains(text);
  if ('problem' in read || read.domains.length === 0)
    return {
      problem:
        'must be off, open, or hosts such as claude.ai,*.acme.com, separated by commas, without ports',
    };
  return { policy: read.domains };
}

/** Whether clients can have their document at a host, without its port. */
export function allowsHost(policy: DocumentPolicy, host: string): boolean {
  if (policy === 'off' || policy === 'open') return policy === 'open';
  return policy.some((allowed) =>
    allowed.startsWith('*.') ? host.endsWith(allowed.slice(1)) : host === allowed,
  );
}

/** The bounds of documents. Times in seconds, except the timeout of a request, in milliseconds. */
export const documentBounds = {
  /** The draft recommends 5 kilobytes (Maximum Response Size for Client Metadata Documents). */
  maxBytes: 5 * 1024,
  timeout: 5_000,
  /** How long a document is used before it is read again: as its headers say, within these bounds. */
  fresh: { min: 60, max: 24 * 60 * 60, unstated: 5 * 60 },
  /** After a failure, the earlier document of a known client is used, and the next attempt waits so long. */
  retry: 60,
  /** How long the earlier document is used after it should have been read again. Then the client is refused. */
  stale: 24 * 60 * 60,
  /** How long the document of a client that no one has allowed is kept. */
  unused: 24 * 60 * 60,
  redirectUris: 50,
  uriLength: 500,
} as const;

/** Days after which a client that registered itself is deleted, if it has no login and got no token in that time. */
export const unusedClientDays = 30;
