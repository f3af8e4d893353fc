import type { Database } from '../../db/database.ts';
import type { Keyring } from '../../src/crypto/sealing.ts';
import type { ValidateMetadata } from '../../src/domain/clients/merge-patch.ts';
import { createDomain, type Domain } from '../../src/domain/index.ts';

/**
 * The domain over a database of the test. It never writes last uses on its own: a timer that outlives its test
 * would write to a closed database during another test.
 */
export async function openDomain(
  database: Database,
  keyring: Keyring,
  validateMetadata: ValidateMetadata = () => {},
  settings: Pick<Parameters<typeof createDomain>[0], 'registration'> = {},
): Promise<Domain> {
  const domain = await createDomain({
    database,
    product: { brand: 'Writ', issuer: 'http://localhost' },
    keyring,
    validateMetadata,
    ...settings,
    onError: (error) => {
      throw error;
    },
  });
  await domain.lastUsed.close();
  return domain;
}

/** The names of all operations of parts of the domain, such as `registry.create`, sorted. */
export const operationsOf = (parts: Record<string, object>): string[] =>
  Object.entries(parts)
    .flatMap(([part, operations]) => Object.keys(operations).map((name) => `${part}.${name}`))
    .sort();
