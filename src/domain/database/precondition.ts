/** Gets the current, locked version, or undefined if there is none. Throws if the caller knows another one (RFC 9110 §13.1). */
export type Precondition<Thing> = (current: Thing | undefined) => void;
