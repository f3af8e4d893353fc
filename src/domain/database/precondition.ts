/** Told the thing as it stands, locked, or undefined where there is none; throws where that is not what the caller knows. */
export type Precondition<Thing> = (current: Thing | undefined) => void;
