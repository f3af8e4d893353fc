// Searches logs for secrets: any number of them in one pass, as they are and as they look encoded.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

export interface Secret {
  kind: string;
  value: string;
}

/** Where a secret stands. The line is shown without it. */
export interface Finding {
  kind: string;
  line: number;
  text: string;
}

/** What is shorter is found by chance, and keeps nobody out. */
const shortest = 16;

/**
 * A secret as it could stand in a log: as it is, inside JSON, percent-encoded, and in base64, also in
 * the middle of something longer, where its letters depend on how many bytes stand before it.
 */
function spellings(value: string): Set<string> {
  const found = new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]);
  for (const before of [0, 1, 2]) {
    const bytes = Buffer.from(' '.repeat(before) + value);
    for (const encoding of ['base64', 'base64url'] as const) {
      const text = bytes.toString(encoding).replace(/=+$/, '');
      // Letters at the edges also hold bits of what stands beside.
      found.add(text.slice(before === 0 ? 0 : before + 1, bytes.length % 3 === 0 ? undefined : -1));
    }
  }
  return found;
}

/** A number for each run of 16 letters, which the next one is made from without reading them all. */
const base = 0x01000193;
let highest = 1;
for (let i = 1; i < shortest; i++) highest = Math.imul(highest, base);
const add = (sum: number, code: number) => (Math.imul(sum, base) + code) | 0;

/** Gives a function that finds the secrets in a line. */
export function createSearch(secrets: Iterable<Secret>) {
  // Known by their ends: JWTs begin alike.
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

/** What a file of a log has of the secrets, line by line, however long it is. */
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
