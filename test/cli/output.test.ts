import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { type Output, show, table } from '../../src/cli/output.ts';

/** What is written, as a pipe has it or as a terminal of these columns. */
function written(
  write: (output: Output) => void,
  { columns, colours = false, json = false }: Partial<Output> = {},
): string {
  let text = '';
  write({
    json,
    columns,
    colours,
    warn: () => {},
    write: (part) => {
      text += part;
    },
  });
  return text;
}

const at = '2026-11-22T01:02:03.456Z';
const things = [
  { id: 'one', name: 'x'.repeat(200), roles: ['a', 'b'], at, on: true, off: null },
  { id: 'i'.repeat(30), name: 'short', roles: [], at, on: false, off: null },
];
const columns = ['id', 'name', 'roles', 'at', 'on', 'off'];
const ofThings = (output: Output) => table(output, things, { columns, empty: 'There is nothing.' });

test('a table fits a terminal: long cells continue on further lines, and nothing of them is lost', () => {
  const lines = written(ofThings, { columns: 100 }).trimEnd().split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(lines.join('').match(/x/g)).toHaveLength(200);
  expect(lines.at(-1)).toMatch(/^i{30} {2}short/);
  const tiny = written(ofThings, { columns: 20 });
  expect(tiny).toContain('i'.repeat(30));
});

test('a program that reads a table gets all of every cell, and times as JSON has them', () => {
  const text = written(ofThings);
  expect(text).toContain('x'.repeat(200));
  expect(text).toContain(at);
  expect(text).not.toContain('…');
});

test('a person reads times of the own zone, yes and no, and a dash for nothing', () => {
  const text = written(ofThings, { columns: 300 });
  const local = new Date(at);
  expect(text).toContain(`${local.getFullYear()}-`);
  expect(text).toMatch(/ a, b +\d{4}-\d\d-\d\d \d\d:\d\d +yes +-$/m);
});

test('an empty list says so in words on a terminal, and is a bare head or [] for programs', () => {
  const none = (output: Output) => table(output, [], { columns: ['id'], empty: 'Nobody is here.' });
  expect(written(none, { columns: 80 })).toBe('Nobody is here.\n');
  expect(written(none)).toBe('ID\n');
  expect(written(none, { json: true, columns: 80 })).toBe('[]\n');
});

test('colours change nothing but colours, and come only where they can be seen', () => {
  const styled = (output: Output) =>
    table(output, things, { columns, empty: '', style: () => 'red' });
  const plain = written(styled, { columns: 80 });
  const coloured = written(styled, { columns: 80, colours: true });
  expect(coloured).not.toBe(plain);
  expect(stripVTControlCharacters(coloured)).toBe(plain);
});

test('a name that would steer the terminal is shown without its control characters', () => {
  const evil = { name: '\u001b[31mred\u0007\u009b2J\u202e', other: ['\u001b]0;title\u0007'] };
  const showIt = (output: Output) => show(output, evil);
  const tableIt = (output: Output) => table(output, [evil], { columns: ['name'], empty: '' });
  for (const text of [written(showIt, { columns: 80 }), written(tableIt), written(showIt)])
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
});
