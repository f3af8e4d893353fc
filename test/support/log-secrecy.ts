// Runs after all tests: server logs must not contain any secret that was exchanged.
import { createReadStream, existsSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { createSearch, type Secret, searchFile } from './log-search.ts';
import { placesIn } from './run-records.ts';

const name = 'no server log of the whole suite contains a secret that was exchanged';

const filesIn = (directory: string): string[] =>
  existsSync(directory)
    ? readdirSync(directory)
        .sort()
        .map((file) => path.join(directory, file))
    : [];

async function readSecrets(run: string): Promise<Secret[]> {
  const secrets = new Map<string, Secret>();
  for (const file of filesIn(placesIn(run).secrets))
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const [kind, value] = JSON.parse(line);
      secrets.set(value, { kind, value });
    }
  return [...secrets.values()];
}

/**
 * Searches the logs of a run for its secrets and prints the result. Undefined if there was nothing to search, which
 * is a failure in a run of `everything`, because the records are missing.
 */
export async function testLogSecrecy(
  run: string,
  { everything, say }: { everything: boolean; say: (text: string) => void },
): Promise<'passed' | 'failed' | undefined> {
  const logs = filesIn(placesIn(run).logs);
  const secrets = await readSecrets(run);
  if (logs.length === 0 || secrets.length === 0) {
    if (!everything) return undefined;
    say(`✗ ${name}: there are ${logs.length} logs and ${secrets.length} secrets to compare`);
    return 'failed';
  }
  const search = createSearch(secrets);
  const found: string[] = [];
  for (const log of logs)
    for (const { kind, line, text } of await searchFile(log, search))
      found.push(`  ${kind}, in line ${line} of ${path.basename(log)}:\n    ${text.slice(0, 500)}`);
  const compared = `${secrets.length} secrets, ${logs.length} logs`;
  if (found.length === 0) {
    say(`✓ ${name} (${compared})`);
    return 'passed';
  }
  const more = found.length > 20 ? `\n  and ${found.length - 20} more` : '';
  say(`✗ ${name} (${compared})\n${found.slice(0, 20).join('\n')}${more}`);
  return 'failed';
}
