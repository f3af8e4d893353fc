/** What callers present, in every spelling that SQLite Cloud's own documents and drivers have. */
import { bearerIn } from '../../http/authorization.ts';

const connectionString = /^bearer +(sqlitecloud:\/\/\S+) *$/i;

/** What a connection string may hold, as its drivers name it. */
const options = ['apikey', 'token'];

/**
 * The API key or token of an `Authorization` header: `Bearer KEY`, `Bearer TOKEN`, or the connection string of a
 * project that holds either, `Bearer sqlitecloud://host:8860/database?apikey=KEY`. Undefined where there is none, or
 * more than one.
 */
export function credentialIn(header: string): string | undefined {
  const [, text] = connectionString.exec(header) ?? [];
  if (text === undefined) return bearerIn(header);
  if (!URL.canParse(text)) return undefined;
  const found = [...new URL(text).searchParams].filter(([name]) =>
    options.includes(name.toLowerCase()),
  );
  return found.length === 1 ? found[0]?.[1].trim() : undefined;
}
