/** Credentials in all forms that SQLite Cloud's documentation and drivers use. */
import { bearerIn } from '../../http/authorization.ts';

const connectionString = /^bearer +(sqlitecloud:\/\/\S+) *$/i;

/** The parameters of a connection string that contain a credential. */
const options = ['apikey', 'token'];

/**
 * The API key or token of an `Authorization` header: `Bearer KEY`, `Bearer TOKEN`, or a connection string that contains
 * one, `Bearer sqlitecloud://host:8860/database?apikey=KEY`. Undefined if there is none, or more than one.
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
