/**
 * Receives the current, locked version, or undefined if there is none. Throws if the caller expects a different
 * version (RFC 9110 §13.1).
 */
export type Precondition<Thing> = (current: Thing | undefined) => void;
