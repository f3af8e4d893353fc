/** URLs as client ids (draft-ietf-oauth-client-id-metadata-document, Client Identifier). */
import { documentBounds } from '../../../../config/client-documents.ts';
import { readClientUri } from '../web-uris.ts';

/** Whether a client id is a URL, whose document describes the client. Ids of all other clients have no slash. */
export const isClientUrl = (clientId: string): boolean => /^https?:\/\//i.test(clientId);

/**
 * Why a URL cannot be a client id, as a sentence; undefined if it can. It must use https and have a path, and no fragment,
 * no user name or password and no dot segments. It is compared as a string, so it has only one spelling.
 */
export function problemOfClientUrl(clientId: string): string | undefined {
  if (clientId.length > documentBounds.uriLength)
    return `The client_id is longer than ${documentBounds.uriLength} characters.`;
  const read = readClientUri('The client_id', clientId);
  if ('problem' in read) return read.problem;
  const { protocol, href } = read.url;
  if (protocol !== 'https:') return `The client_id ${clientId} must begin with https://.`;
  return href === clientId ? undefined : `The client_id ${clientId} needs a path.`;
}

/** The host of a client's URL, with its port if it has one: what people see first. */
export const hostOfClientUrl = (clientId: string): string => new URL(clientId).host;

/** SQL: the same of the client `c`; null for clients whose id is no URL. */
export const hostOfClientSql = `substring(c.client_id from '^https://([^/]+)')`;
