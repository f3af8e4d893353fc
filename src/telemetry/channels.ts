import { createChannel } from './channel.ts';

/**
 * A token was stored; that of a person or a backend in a transaction that could still fail. `kind` is that of its row:
 * `access_token`, `refresh_token`, `personal_access_token`…
 */
export const tokenIssued = createChannel<{ kind: string; isJwt: boolean }>('token issued');

/** A token was introspected. `kind` is undefined unless it is active. */
export const introspected = createChannel<{ kind: string | undefined }>('introspected');

/** A person signed in; in a transaction that could still fail. */
export const signedIn = createChannel<Record<string, never>>('signed in');

/** A request was refused with this error code of RFC 6749 or its extensions; undefined if a person saw a page. */
export const requestRefused = createChannel<{
  error: string | undefined;
  /** What was wrong, without anything that was presented. */
  reason: string;
  /** Whether the caller failed to authenticate. */
  isAuthentication: boolean;
  /** The caller's IP address. */
  address: string;
  /** The client that it says it is, whether or not it has authenticated. */
  clientId?: string | undefined;
}>('request refused');

/** A caller reached a limit of config/limits.ts. */
export const limitReached = createChannel<{ name: string }>('limit reached');

/** A queue for statements refused a caller, because it is full or was too slow. */
export const batchOverloaded = createChannel<Record<string, never>>('batch overloaded');

/** A job of this process ended. */
export const jobRan = createChannel<{ job: string; isOk: boolean; seconds: number }>('job ran');
