import type { Place } from '../../crypto/sealing.ts';

/** What the client secret of a provider is sealed for. */
export const providerSecretPlace = (id: string): Place => ({
  table: 'identity_provider',
  row: id,
  purpose: 'client secret',
});
