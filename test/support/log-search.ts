// Searches logs for any number of secrets in one pass, in plain and encoded forms.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

export interface Secret {
  kind: string;
  value: string;
}

/** A line that contains a secret, with the secret removed. */
export interface Finding {
  kind: string;
  line: number;
  text: string;
}

/** Shorter values match by chance, and protect nothing. */
const shortest = 16;

/**
 * Forms of a secret in a log: plain, in JSON, percent-encoded, and in base64, also within a longer text, where its
 * characters depend on the number of bytes before it.
 */
function spellings(value: string): Set<string> {
  const found = new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]);
  for (const before of [0, 1, 2]) {
    const bytes = Buffer.from(' '.repeat(before) + value);
    for (const encoding of ['base64', 'base64url'] as const) {
      const text = bytes.toString(encoding).replace(/=+$/, '');
      // The first and last characters also encode bits of the surrounding text.
      found.add(text.slice(before === 0 ? 0 : before + 1, bytes.length % 3 === 0 ? undefined : -1));
    }
  }
  return found;
}

/** A rolling hash of each run of 16 characters. */
const base = 0x01000193;
let highest = 1;
for (let i = 1; i < shortest; i++) highest = Math.imul(highest, base);
const add = (sum: number, code: number) => (Math.imul(sum, base) + code) | 0;

/** Returns a function that finds the secrets in a line. */
export function createSearch(secrets: Iterable<Secret>) {
  // Indexed by their ends, because JWTs begin alike.
  const byEnd = new Map<number, { kind: string; text: string }[]>();
  const marks = new Uint8Array(1 << 21);
  for (const { kind, value } of secrets) {
    if (value.trim().length < shortest) continue;
    for (const text of spellings(value)) {
      if (text.length < shortest) continue;
      let sum = 0;
      for (let i = text.length - shortest; i < text.length; i++) sum = add(sum, text.charCodeAt(i));
      const same = byEnd.get(sum);
      if (same) same.push({ kind, text });
      else byEnd.set(sum, [{ kind, text }]);
      const bit = sum & 0xffffff;
      marks[bit >>> 3] = (marks[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
  }

  return (line: string): Omit<Finding, 'line'>[] => {
    const found: Omit<Finding, 'line'>[] = [];
    let sum = 0;
    for (let i = 0; i < line.length; i++) {
      if (i >= shortest) sum = (sum - Math.imul(line.charCodeAt(i - shortest), highest)) | 0;
      sum = add(sum, line.charCodeAt(i));
      const bit = sum & 0xffffff;
      if (i < shortest - 1 || !((marks[bit >>> 3] ?? 0) & (1 << (bit & 7)))) continue;
      for (const { kind, text } of byEnd.get(sum) ?? [])
        if (line.endsWith(text, i + 1))
          found.push({ kind, text: line.replaceAll(text, '[THE SECRET]') });
    }
    return found;
  };
}

/** Secrets in a log file, line by line, for files of any size. */
export async function searchFile(
  file: string,
  search: ReturnType<typeof createSearch>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file) })) {
    line++;
    for (const found of search(text)) findings.push({ ...found, line });
  }
  return findings;
}
