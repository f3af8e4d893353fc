import { styleText } from 'node:util';
import type { Json } from './api-client.ts';
import { clean } from './http.ts';

/** Where a command writes, and in which form. */
export interface Output {
  json: boolean;
  write: (text: string) => void;
  /** Writes to standard error, so that standard output has only the result. */
  warn: (text: string) => void;
  /** Columns of the terminal; undefined if there is none. */
  columns: number | undefined;
  colours: boolean;
}

/** A column of a table: a field, or a value made from the whole thing. */
export type Column = string | { title: string; of: (thing: Json) => unknown };

type Style = Parameters<typeof styleText>[0];

/** Text with a style, on a terminal with colours. */
export const styled = ({ colours }: Pick<Output, 'colours'>, style: Style, text: string): string =>
  colours ? styleText(style, text, { validateStream: false }) : text;

/** Prints one thing, as JSON or a line for each field. Its warnings go to standard error. */
export function show(output: Output, thing: Json): void {
  const { json, write } = output;
  const { warnings, ...rest } = thing;
  warnOf(output, warnings);
  if (json) write(`${JSON.stringify(thing, null, 2)}\n`);
  else {
    const fields = Object.entries(rest).filter(([, value]) => !isEmpty(value));
    const width = Math.max(0, ...fields.map(([name]) => name.length));
    for (const [name, value] of fields) {
      const [first, ...others] = isLength(name, value) ? [`${value} s`] : lines(output, value);
      write(`${name.padEnd(width)}  ${first}\n`);
      for (const line of others) write(`${' '.repeat(width)}  ${line}\n`);
    }
  }
}

/** Lengths of time are in seconds, which their names do not say. */
const isLength = (name: string, value: unknown): boolean =>
  name.endsWith('_ttl') && typeof value === 'number';

function warnOf({ warn }: Output, warnings: unknown): void {
  if (!Array.isArray(warnings)) return;
  for (const { message } of warnings as Json[]) warn(`Warning: ${clean(String(message))}\n`);
}

interface TableOptions {
  columns: Column[];
  /** What a terminal shows for an empty list. */
  empty: string;
  /** Whether times on a terminal have seconds. */
  precise?: boolean;
  /** The style of a row. */
  style?: (thing: Json) => Style | undefined;
}

/**
 * Prints many things, as JSON or a table. On a terminal it is no wider than the terminal, except for the first column,
 * which is what other commands take: long cells continue on further lines, and long lists are shortened. In a pipe each
 * thing has one line with everything, and times are as in JSON.
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
    columns.map((column) => {
      const value = typeof column === 'string' ? thing[column] : column.of(thing);
      return plain(output, output.columns === undefined ? value : shortened(value), precise);
    }),
  );
  const cellsOf = (index: number) => [titles, ...rows].map((row) => row[index] ?? '');
  const widths = narrowed(
    titles.map((_, index) => Math.max(...cellsOf(index).map((cell) => cell.length))),
    [maxWord, minColumn].map((most) =>
      titles.map((title, index) =>
        Math.max(
          title.length,
          Math.min(most, Math.max(...cellsOf(index).flatMap((cell) => wordLengths(cell)))),
        ),
      ),
    ),
    output.columns,
  );
  const line = (row: string[]) => {
    const cells = row.map((cell, index) => wrap(cell, widths[index] ?? 0));
    return Array.from({ length: Math.max(...cells.map(({ length }) => length)) }, (_, part) =>
      cells
        .map((texts, index) => (texts[part] ?? '').padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    ).join('\n');
  };
  write(`${styled(output, 'bold', line(titles))}\n`);
  for (const [index, row] of rows.entries()) {
    const emphasis = style(things[index] ?? {});
    write(`${emphasis ? styled(output, emphasis, line(row)) : line(row)}\n`);
  }
}

/** Prints a sentence about what was done; as JSON, the thing itself. */
export function done(output: Output, sentence: string, thing: Json): void {
  if (output.json) show(output, thing);
  else output.write(`${sentence}\n`);
}

/** Words up to this length stay whole if the table is narrowed, if there is space; otherwise those up to the next. */
const maxWord = 20;
const minColumn = 8;

const wordLengths = (text: string) => text.split(' ').map(({ length }) => length);

/** How many items of a list a table shows on a terminal. */
const maxItems = 4;

/** A long list, as a table on a terminal shows it. */
const shortened = (value: unknown): unknown =>
  Array.isArray(value) && value.length > maxItems
    ? [...value.slice(0, maxItems - 1), `${value.length - maxItems + 1} more`]
    : value;

/**
 * Narrows the widest columns until the table fits, but not the first column, and none below its least width. The first
 * of the lists of least widths with which the table fits counts.
 */
function narrowed(
  widths: number[],
  leastWidths: number[][],
  available: number | undefined,
): number[] {
  const fitting = [...widths];
  const total = () => fitting.reduce((sum, width) => sum + width, 2 * (fitting.length - 1));
  for (const least of leastWidths)
    while (available !== undefined && total() > available) {
      const spare = fitting.map((width, index) =>
        index > 0 && width > (least[index] ?? 0) ? width : 0,
      );
      const widest = Math.max(...spare);
      if (widest === 0) break;
      fitting[spare.indexOf(widest)] = widest - 1;
    }
  return fitting;
}

/** The lines of a text in a column: broken between words, and inside of words that are longer than the column. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width && width > 0) {
    const space = rest.lastIndexOf(' ', width);
    const end = space > 0 ? space : width;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}

const isEmpty = (value: unknown) =>
  value === null || value === undefined || (Array.isArray(value) && value.length === 0);

/** The lines of a value: a list with descriptions, as scopes are, has a line for each item. */
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

/** A time in the zone of this machine. */
function readable(time: Date, precise: boolean): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  const parts = [time.getHours(), time.getMinutes(), ...(precise ? [time.getSeconds()] : [])];
  return `${day} ${parts.map(two).join(':')}`;
}
