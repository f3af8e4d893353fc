import type { Database } from '../../../db/database.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { createCountedEvents, type Later } from './counted-events.ts';
import type { NewAuditEvent } from './types.ts';

export type { Later };

/** Records refusals of authenticated callers. They are of one kind if the actor, the action, the app and the error are the same. */
export function createRefusals(options: {
  database: Pick<Database, 'kysely'>;
  /** Called with errors of writes that no request waits for. */
  onError: (error: unknown) => void;
  later?: Later;
}) {
  const { note, close } = createCountedEvents({
    ...options,
    result: 'refused',
    kindOf: ({ app, details }) => [app, details?.['error']],
  });
  return { refused: note, close };
}

export type Refusals = ReturnType<typeof createRefusals>;

/**
 * Runs an operation of an authenticated caller and records it if it is refused (403): a refusal changes nothing, so
 * no other event records it. `describe` is called only then; undefined if refusals of the operation are not
 * recorded.
 */
export async function recordingRefusals<Result>(
  audit: Pick<Refusals, 'refused'>,
  describe: (() => Pick<NewAuditEvent, 'action' | 'target'>) | undefined,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (describe && error instanceof OAuthError && error.status === 403)
      await audit.refused({
        ...describe(),
        // Events of an app only come from its members and from operators, not from strangers.
        ...(error.code === 'insufficient_scope' && { app: null }),
        details: { error: error.code },
      });
    throw error;
  }
}
