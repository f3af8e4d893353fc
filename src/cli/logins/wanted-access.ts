import { WrongUsage } from '../failure.ts';

/** The options of `writ login` that say what the tokens are for. */
export interface AccessOptions {
  resource?: string | undefined;
  scope?: string[] | undefined;
  read?: string[] | undefined;
  write?: string[] | undefined;
  readAll?: boolean | undefined;
  writeAll?: boolean | undefined;
}

/** What a login asks for. */
export interface WantedAccess {
  /** Scopes of an API; empty for all. */
  scopes: string[];
  /** The objects that the tokens are limited to (RFC 9396 §2); undefined if they are not. */
  details: { type: string; identifier: string; actions: string[] }[] | undefined;
}

export const saysAccess = ({ scope, read, write, readAll, writeAll }: AccessOptions): boolean =>
  [scope, read, write].some((values) => values && values.length > 0) ||
  Boolean(readAll || writeAll);

/**
 * Translates the options to scopes and authorization details: `--read things` is the scope `things:read`, and `--read
 * thing/7` allows the action `read` on the object 7 of the type `thing`. Writing includes reading.
 */
export function wantedAccess(options: AccessOptions): WantedAccess {
  const { scope = [], read = [], write = [], readAll, writeAll } = options;
  const scopes = new Set(scope.flatMap((text) => text.split(/\s+/).filter(Boolean)));
  if (readAll || writeAll) scopes.add('*:read');
  if (writeAll) scopes.add('*:write');
  const actions = new Map<string, Set<string>>();
  const add = (name: string, wanted: string[]) => {
    const slash = name.indexOf('/');
    if (slash < 0) for (const action of wanted) scopes.add(`${name}:${action}`);
    else {
      if (slash === 0 || slash === name.length - 1)
        throw new WrongUsage(
          `"${name}" names no object: write the type, a slash and the ID, such as thing/7.`,
        );
      const known = actions.get(name) ?? new Set();
      actions.set(name, new Set([...known, ...wanted]));
    }
  };
  for (const name of read) add(name, ['read']);
  for (const name of write) add(name, ['read', 'write']);
  const details = [...actions].map(([name, wanted]) => ({
    type: name.slice(0, name.indexOf('/')),
    identifier: name.slice(name.indexOf('/') + 1),
    actions: [...wanted],
  }));
  if (!saysAccess(options)) scopes.add('*');
  return { scopes: [...scopes], details: details.length > 0 ? details : undefined };
}
