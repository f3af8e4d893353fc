import type { Place } from '../../crypto/sealing.ts';

/** Where the `Authorization` header of the pushes of a stream is sealed. */
export const authorizationPlace = (streamId: string): Place => ({
  table: 'signal_stream',
  row: streamId,
  purpose: 'authorization header',
});
