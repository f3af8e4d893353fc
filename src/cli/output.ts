import { styleText } from 'node:util';
import type { Json } from './api-client.ts';
import { clean } from './http.ts';

/** Where a command writes, and in which form. */
export interface Output {
  json: boolean;
  write: (text: string) => void;
  /** Writes to standard error, which programs that read the answer do not read. */
  warn: (text: string) => void;
  /** How wide the terminal is; undefined where there is none. */
  columns: number | undefined;
  colours: boolean;
}

/** A column of a table: a field, or what is made of several. */
export type Column = string | { title: string; of: (thing: Json) => unknown };

type Style = Parameters<typeof styleText>[0];

/** Emphasis where it can be seen. */
export const styled = ({ colours }: Pick<Output, 'colours'>, style: Style, text: string): string =>
  colours ? styleText(style, text, { validateStream: false }) : text;

/** One thing: as JSON, or a line for each of its fields. What may be a mistake in it is said on standard error. */
export function show(output: Output, thing: Json): void {
  const { json, write } = output;
  const { warnings, ...rest } = thing;
  warnOf(output, warnings);
  if (json) write(`${JSON.stringify(thing, null, 2)}\n`);
  else {
    const fields = Object.entries(rest).filter(([, value]) => !isEmpty(value));
    const width = Math.max(0, ...fields.map(([name]) => name.length));
    for (const [name, value] of fields) {
      const [first, ...others] = lines(output, value);
      write(`${name.padEnd(width)}  ${first}\n`);
      for (const line of others) write(`${' '.repeat(width)}  ${line}\n`);
    }
  }
}

function warnOf({ warn }: Output, warnings: unknown): void {
  if (!Array.isArray(warnings)) return;
  for (const { message } of warnings as Json[]) warn(`Warning: ${clean(String(message))}\n`);
}

interface TableOptions {
  columns: Column[];
  /** What a terminal shows of no things. */
  empty: string;
  /** Whether times on a terminal have seconds. */
  precise?: boolean;
  /** How a thing stands out. */
  style?: (thing: Json) => Style | undefined;
}

/**
 * Many things: as JSON, or a table. On a terminal it is no wider than that, but for its first column,
 * which is what other commands are given; programs get all of every cell.
 */
export function table(
  output: Output,
  things: Json[],
  { columns, empty, precise = false, style = () => undefined }: TableOptions,
): void {
  const { json, write } = output;
  if (json) {
    write(`${JSON.stringify(things, null, 2)}\n`);
    return;
  }
  if (things.length === 0 && output.columns !== undefined) {
    write(`${empty}\n`);
    return;
  }
  const titles = columns.map((column) =>
    (typeof column === 'string' ? column : column.title).toUpperCase().replaceAll('_', ' '),
  );
  const rows = things.map((thing) =>
    columns.map((column) =>
      plain(output, typeof column === 'string' ? thing[column] : column.of(thing), precise),
    ),
  );
  const widths = narrowed(
    titles.map((_, index) =>
      Math.max(...[titles, ...rows].map((row) => (row[index] ?? '').length)),
    ),
    titles,
    output.columns,
  );
  const line = (row: string[]) =>
    row
      .map((cell, index) => cut(cell, widths[index] ?? 0).padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  write(`${styled(output, 'bold', line(titles))}\n`);
  for (const [index, row] of rows.entries()) {
    const emphasis = style(things[index] ?? {});
    write(`${emphasis ? styled(output, emphasis, line(row)) : line(row)}\n`);
  }
}

/** What was done, for people; JSON readers get the thing itself. */
export function done(output: Output, sentence: string, thing: Json): void {
  if (output.json) show(output, thing);
  else output.write(`${sentence}\n`);
}

/** Takes from the widest columns until all fit; never from the first, and a title stays readable. */
function narrowed(widths: number[], titles: string[], available: number | undefined): number[] {
  const fitting = [...widths];
  const total = () => fitting.reduce((sum, width) => sum + width, 2 * (fitting.length - 1));
  while (available !== undefined && total() > available) {
    const spare = fitting.map((width, index) =>
      index > 0 && width > (titles[index] ?? '').length ? width : 0,
    );
    const widest = Math.max(...spare);
    if (widest === 0) break;
    fitting[spare.indexOf(widest)] = widest - 1;
  }
  return fitting;
}

const cut = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text;

const isEmpty = (value: unknown) =>
  value === null || value === undefined || (Array.isArray(value) && value.length === 0);

/** A value of one thing; what is a list of sentences, as scopes are, gets a line for each. */
function lines(output: Output, value: unknown): string[] {
  if (!Array.isArray(value) || !value.some((item) => (item as Json | null)?.['description']))
    return [plain(output, value)];
  const width = Math.max(...value.map(({ name }) => String(name).length));
  return value.map(({ name, description }) =>
    clean(`${String(name).padEnd(width)}  ${description ?? ''}`).trimEnd(),
  );
}

function plain(output: Output, value: unknown, precise = true): string {
  if (isEmpty(value)) return '-';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value))
    return value.map((item) => plain(output, (item as Json | null)?.['name'] ?? item)).join(', ');
  if (typeof value === 'object') return clean(JSON.stringify(value));
  const text = clean(String(value));
  return output.columns !== undefined && isTime(text) ? readable(new Date(text), precise) : text;
}

const isTime = (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text);

/** A time as the one who reads it has it on the wall. */
function readable(time: Date, precise: boolean): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  const parts = [time.getHours(), time.getMinutes(), ...(precise ? [time.getSeconds()] : [])];
  return `${day} ${parts.map(two).join(':')}`;
}
