import { documentBounds } from '../../config/client-documents.ts';
import type { FetchDocument } from '../domain/clients/documents/document.ts';
import { createGuardedFetch } from './guarded-fetch.ts';

/** Fetches Client ID Metadata Documents within their bounds, and from no address of a private network. Throws FetchError. */
export function createDocumentFetch({ allowPrivate }: { allowPrivate: boolean }): FetchDocument {
  const { timeout, maxBytes } = documentBounds;
  const fetch = createGuardedFetch({ allowPrivate, timeout, maxBytes });
  return (url) => fetch(url, { headers: { accept: 'application/json' } });
}
