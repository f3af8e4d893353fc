/**
 * UNDER WHICH ID A CLIENT KNOWS A PERSON (OpenID Connect Core §8): the id of the account, or a pairwise one, which tells
 * clients of different sectors nothing about whether they know the same person.
 */
import { createHmac } from 'node:crypto';

/** The client metadata that decides about subjects. */
type Metadata = Readonly<Record<string, unknown>>;

/** Whether a client knows people under pairwise ids. */
export const isPairwise = (metadata: Metadata): boolean => metadata['subject_type'] === 'pairwise';

/**
 * The host that the clients of a sector share (§8.1): of `sector_identifier_uri`, otherwise of the redirect URIs, and of
 * `jwks_uri` for a client without any.
 */
export function sectorOf(metadata: Metadata): string | undefined {
  const { sector_identifier_uri: sector, redirect_uris: redirects, jwks_uri: keys } = metadata;
  const uri = sector ?? (redirects as string[] | undefined)?.[0] ?? keys;
  return URL.parse(String(uri))?.host;
}

/** Returns the id under which a client knows an account. */
export type SubjectFor = (metadata: Metadata, accountId: string) => string;

/** `key` is the installation's key for pairwise ids. With another key every client would take people for new ones. */
export const createSubjectFor =
  (key: Buffer): SubjectFor =>
  (metadata, accountId) =>
    isPairwise(metadata)
      ? createHmac('sha256', key)
          .update(JSON.stringify([sectorOf(metadata), accountId]))
          .digest('base64url')
      : accountId;

/**
 * Checks that the document at a client's `sector_identifier_uri` lists all of its redirect URIs. Throws
 * `invalid_client_metadata`. Implemented by the protocol, which opens the URL.
 */
export type VerifySector = (metadata: Metadata) => Promise<void>;
