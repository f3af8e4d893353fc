import type { Json } from './api-client.ts';

/** Where a command writes, and whether in JSON. */
export interface Output {
  json: boolean;
  write: (text: string) => void;
}

/** One thing: as JSON, or a line for each of its fields. */
export function show({ json, write }: Output, thing: Json): void {
  if (json) write(`${JSON.stringify(thing, null, 2)}\n`);
  else {
    const fields = Object.entries(thing).filter(([, value]) => !isEmpty(value));
    const width = Math.max(0, ...fields.map(([name]) => name.length));
    for (const [name, value] of fields) write(`${name.padEnd(width)}  ${plain(value)}\n`);
  }
}

/** Many things: as JSON, or a table of these columns. */
export function table({ json, write }: Output, things: Json[], columns: string[]): void {
  if (json) {
    write(`${JSON.stringify(things, null, 2)}\n`);
    return;
  }
  const rows = [
    columns.map((column) => column.toUpperCase().replaceAll('_', ' ')),
    ...things.map((thing) => columns.map((column) => plain(thing[column]))),
  ];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  for (const row of rows)
    write(
      `${row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
}

/** What was done, for people; JSON readers get the thing itself. */
export function done(output: Output, sentence: string, thing: Json): void {
  if (output.json) show(output, thing);
  else output.write(`${sentence}\n`);
}

const isEmpty = (value: unknown) =>
  value === null || value === undefined || (Array.isArray(value) && value.length === 0);

function plain(value: unknown): string {
  if (isEmpty(value)) return '-';
  if (Array.isArray(value))
    return value
      .map((item) => (typeof item === 'object' ? String((item as Json)['name']) : String(item)))
      .join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
