import { randomUUID } from 'node:crypto';
import { OAuthError } from '../oauth/errors.ts';

export interface Thing {
  id: string;
  name: string;
  /** The `client_id` of who made it. */
  made_by: string;
  created_at: string;
}

/** So much is kept, and for so many owners: this is to be tried out. */
export const limits = { things: 100, owners: 1000 } as const;

export interface Things {
  list(owner: string): Thing[];
  /** Throws `conflict` where there are too many. */
  add(owner: string, thing: Pick<Thing, 'name' | 'made_by'>): Thing;
  /** Throws `not_found`. */
  remove(owner: string, id: string): void;
}

/** Things in memory, until the server stops; of owners that nobody has used for long, none. */
export function createThings(): Things {
  const owners = new Map<string, Thing[]>();

  const keep = (owner: string, things: Thing[]): void => {
    // The one used last stands last.
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
    add(owner, { name, made_by }) {
      const things = of(owner);
      if (things.length >= limits.things)
        throw new OAuthError(
          'conflict',
          `There are ${limits.things} things, and no more are kept: delete one.`,
        );
      const thing = { id: randomUUID(), name, made_by, created_at: new Date().toISOString() };
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

export const nothingHere = () => new OAuthError('not_found', 'There is no such thing.');
