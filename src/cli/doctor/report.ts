import type { Check } from '../../boot/check.ts';
import { Failure } from '../failure.ts';
import { clean } from '../http.ts';
import { type Output, show, styled } from '../output.ts';

/** The checks of one area. */
export interface Area {
  area: 'machine' | 'server' | 'outside';
  title: string;
  checks: Check[];
}

const marks = {
  ok: ['green', '✓'],
  warning: ['yellow', '!'],
  failed: ['red', '✗'],
} as const;

/** Prints the checks. Throws Failure if any failed. */
export function report(output: Output, areas: Area[]): void {
  const checks = areas.flatMap(({ area, checks }) => checks.map((check) => ({ area, ...check })));
  if (output.json) show(output, { checks });
  else
    for (const { title, checks } of areas)
      if (checks.length > 0) list(output, title, checks.map(cleaned));
  const count = (status: Check['status']) => checks.filter((each) => each.status === status).length;
  if (count('failed') > 0)
    throw new Failure(`${count('failed')} of ${checks.length} checks failed.`);
  if (output.json) return;
  const warnings = count('warning');
  output.write(
    warnings > 0
      ? `Nothing failed, with ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.\n`
      : 'Everything is in order.\n',
  );
}

/** Parts of a check are text of a server. */
const cleaned = ({ name, message, remedy, ...rest }: Check): Check => ({
  ...rest,
  name: clean(name),
  message: clean(message),
  ...(remedy !== undefined && { remedy: clean(remedy) }),
});

function list(output: Output, title: string, checks: Check[]): void {
  output.write(`${styled(output, 'bold', title)}\n`);
  const width = Math.max(...checks.map(({ name }) => name.length));
  const indent = ' '.repeat(width + 6);
  for (const { name, status, message, remedy } of checks) {
    const [style, mark] = marks[status];
    const text = [
      ...wrap(message, output.columns, indent.length),
      ...(remedy ? wrap(`→ ${remedy}`, output.columns, indent.length) : []),
    ];
    output.write(
      `  ${styled(output, style, mark)} ${name.padEnd(width)}  ${text.join(`\n${indent}`)}\n`,
    );
  }
  output.write('\n');
}

/** Wraps a text to the columns that an indent leaves. */
function wrap(text: string, columns: number | undefined, indent: number): string[] {
  const width = Math.max(30, (columns ?? Number.POSITIVE_INFINITY) - indent);
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
