import { randomUUID } from 'node:crypto';
import type { Provider } from 'oidc-provider';
import type { SubjectFor, VerifySector } from '../../domain/clients/subjects.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { engineMetadata } from './adapter/clients.ts';
import { candidates } from './candidates.ts';
import { describeMetadataProblem } from './client-metadata-words.ts';
import { fromEngine } from './errors.ts';
import { modelsOf } from './models.ts';

/**
 * The engine opens `sector_identifier_uri` when it reads a client; here only while one is registered or changed, so a
 * sector that is unreachable later stops no one. It does so within its limits of time and size, and never at an address
 * inside the server's own network.
 */
export const createSectorVerifier =
  (provider: () => Provider): VerifySector =>
  async (metadata) => {
    const id = `candidate-${randomUUID()}`;
    const given = Object.fromEntries(
      Object.entries(metadata).filter(([, value]) => value !== null && value !== undefined),
    );
    await candidates.run({ id, payload: engineMetadata(id, given) }, () =>
      fromEngine(
        () => modelsOf(provider()).Client.find(id),
        (cause) =>
          new OAuthError(
            'invalid_client_metadata',
            describeMetadataProblem(cause.error_description ?? cause.message),
            { parameter: 'sector_identifier_uri', cause },
          ),
      ),
    );
  };

/** A redirect would lead to a document that the host of the sector does not vouch for. */
export const fetchOfSectors =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  (url, options) =>
    fetch(url, candidates.getStore() ? { ...options, redirect: 'error' } : options);

/** The engine's settings of subjects (OpenID Connect Core §8). */
export const subjects = (subjectFor: SubjectFor) => ({
  subjectTypes: ['public', 'pairwise'] as ('public' | 'pairwise')[],
  pairwiseIdentifier: (_ctx: unknown, accountId: string, client: { metadata(): object }) =>
    subjectFor(client.metadata() as Record<string, unknown>, accountId),
  sectorIdentifierUriValidate: () => candidates.getStore() !== undefined,
});
