import type { Database } from '../../db/database.ts';
import type { Keyring } from '../../src/crypto/sealing.ts';
import type { ValidateMetadata } from '../../src/domain/clients/merge-patch.ts';
import { createDomain, type Domain } from '../../src/domain/index.ts';

/**
 * The rules over a database of a test's own. They write down no last use by themselves: a timer that
 * outlives its test would write into a database that is closed, while another test runs.
 */
export async function openDomain(
  database: Database,
  keyring: Keyring,
  validateMetadata: ValidateMetadata = () => {},
): Promise<Domain> {
  const domain = await createDomain({
    database,
    product: { brand: 'Writ', issuer: 'http://localhost' },
    keyring,
    validateMetadata,
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
