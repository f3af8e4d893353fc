/** Values of statements and results as Postgres has them on the wire. The driver for servers, `pg`, converts them in the same way. */

/** A parameter: text, or the bytes of a `bytea`. */
export type Parameter = string | Uint8Array | null;

/** Converts a parameter by its type in JavaScript: objects become JSON, arrays become arrays. */
export function toParameter(value: unknown): Parameter {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  return textOf(value);
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `{${value.map(elementOf).join(',')}}`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function elementOf(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return textOf(value);
  if (value instanceof Uint8Array)
    return `"\\\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}"`;
  const text = typeof value === 'string' ? value : textOf(value);
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Converts the text of a value that is not null. */
export type ValueReader = (text: string) => unknown;

const asText: ValueReader = (text) => text;
const readJson: ValueReader = (text) => JSON.parse(text);

function readTime(text: string): Date | number {
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  return text === '-infinity' ? Number.NEGATIVE_INFINITY : new Date(text);
}

const readBytes = (text: string): Buffer => Buffer.from(text.slice(2), 'hex');

/** The types of Postgres' catalog `pg_type` that are not text: their id, that of their array, and how they are read. */
const types: readonly [id: number, ofArray: number, read: ValueReader][] = [
  [16, 1000, (text) => text === 't'], // boolean
  [17, 1001, readBytes], // bytea
  [20, 1016, Number], // bigint
  [21, 1005, Number], // smallint
  [23, 1007, Number], // integer
  [26, 1028, Number], // oid
  [700, 1021, Number], // real
  [701, 1022, Number], // double precision
  [114, 199, readJson], // json
  [3802, 3807, readJson], // jsonb
  [1082, 1182, readTime], // date
  [1114, 1115, readTime], // timestamp
  [1184, 1185, readTime], // timestamptz
];

/** Arrays of types that are read as text: name, text, varchar, char, numeric, uuid, inet. */
const textArrays = [1003, 1009, 1015, 1014, 1231, 2951, 1041];

const arrayOf =
  (read: ValueReader): ValueReader =>
  (text) =>
    readArray(text, read);

const readers = new Map<number, ValueReader>([
  ...types.flatMap(([id, ofArray, read]): [number, ValueReader][] => [
    [id, read],
    [ofArray, arrayOf(read)],
  ]),
  ...textArrays.map((id): [number, ValueReader] => [id, arrayOf(asText)]),
]);

/** How values of a type are read, by its id in Postgres: as text, if it is none of those above. */
export const readerOf = (type: number): ValueReader => readers.get(type) ?? asText;

/** Elements: quoted with escapes, NULL, or plain; and braces of arrays within. */
const token = /"((?:[^"\\]|\\.)*)"|([{}])|([^{},"]+)/gs;

/** Reads the text of an array. https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
function readArray(text: string, read: ValueReader): unknown[] {
  const outermost: unknown[] = [];
  const open: unknown[][] = [outermost];
  for (const [, quoted, brace, plain] of text.matchAll(token)) {
    const current = open.at(-1) as unknown[];
    if (brace === '{') {
      const within: unknown[] = [];
      current.push(within);
      open.push(within);
    } else if (brace === '}') open.pop();
    else if (quoted !== undefined) current.push(read(quoted.replace(/\\(.)/gs, '$1')));
    else current.push(plain === 'NULL' ? null : read(plain as string));
  }
  return outermost[0] as unknown[];
}
