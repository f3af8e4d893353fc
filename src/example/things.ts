import { randomUUID } from 'node:crypto';
import { OAuthError } from '../oauth/errors.ts';

export interface Thing {
  id: string;
  name: string;
  /** The name of the token that created it, or its `client_id` if it has none. */
  created_by: string;
  created_at: string;
}

/** How many things an owner can have, and of how many owners they are kept. */
export const limits = { things: 100, owners: 1000 } as const;

export interface Things {
  list(owner: string): Thing[];
  /** Throws `conflict` if there are too many. */
  add(owner: string, thing: Pick<Thing, 'name' | 'created_by'>): Thing;
  /** Throws `not_found`. */
  remove(owner: string, id: string): void;
}

/** Things in memory, until the server stops. Beyond the limit those of the least recently used owner are dropped. */
export function createThings(): Things {
  const owners = new Map<string, Thing[]>();

  const keep = (owner: string, things: Thing[]): void => {
    // A Map keeps the order of insertion: the most recently used owner is last.
    owners.delete(owner);
    if (things.length > 0) owners.set(owner, things);
    const [oldest] = owners.keys();
    if (owners.size > limits.owners && oldest !== undefined) owners.delete(oldest);
  };
  const of = (owner: string): Thing[] => {
    const things = owners.get(owner) ?? [];
    keep(owner, things);
    return things;
  };

  return {
    list: of,
    add(owner, { name, created_by }) {
      const things = of(owner);
      if (things.length >= limits.things)
        throw new OAuthError(
          'conflict',
          `There are at most ${limits.things} things. Delete one first.`,
        );
      const thing = { id: randomUUID(), name, created_by, created_at: new Date().toISOString() };
      keep(owner, [...things, thing]);
      return thing;
    },
    remove(owner, id) {
      const things = of(owner);
      const left = things.filter((thing) => thing.id !== id);
      if (left.length === things.length) throw nothingHere();
      keep(owner, left);
    },
  };
}

export const nothingHere = () => new OAuthError('not_found', 'This thing does not exist.');
