import { expect, test } from '@jest/globals';
import {
  type DatasetteScope,
  detailsOf,
  InvalidScope,
  parseScopes,
  scopesOf,
} from '../../src/dialects/datasette/scopes.ts';
import { describeDetails } from '../../src/dialects/datasette/sentences.ts';

test('scopes are kept exactly, with their order and their duplicates, whatever is in their names', () => {
  const lists: DatasetteScope[][] = [
    [],
    [['view-instance']],
    [['view-table', 'db1'], ['view-table', 'db1'], ['view-instance'], ['view-table', 'db1']],
    [
      ['insert-row', 'db/1', 'dogs/cats'],
      ['insert-row', 'db', '1/dogs%2Fcats'],
      ['a plugin’s own action', 'Größe ☂', '%'],
    ],
  ];
  for (const scopes of lists) {
    expect(parseScopes(JSON.stringify(scopes))).toEqual(scopes);
    expect(scopesOf(detailsOf(scopes))).toEqual(scopes);
  }
});

test('the scopes of one place are one authorization detail', () => {
  expect(
    detailsOf([
      ['view-table', 'db1'],
      ['insert-row', 'db1'],
      ['insert-row', 'db1', 'dogs'],
      ['view-instance'],
    ]),
  ).toEqual([
    { type: 'datasette_database', identifier: 'db1', actions: ['view-table', 'insert-row'] },
    { type: 'datasette_table', identifier: 'db1/dogs', actions: ['insert-row'] },
    { type: 'datasette_instance', actions: ['view-instance'] },
  ]);
});

test('whatever is no list of one to three texts is an invalid scope', () => {
  const texts = [
    ...['', 'view-table', '{}', 'null', '"a"', '[1]', '["view-table"]', '[[]]', '[["a",1]]'],
    ...['[["a","b","c","d"]]', '[["a",null]]', '[[""]]', '[["a\\u0000"]]', '[["a","\\ud800"]]'],
  ];
  for (const text of texts) expect(() => parseScopes(text)).toThrow(InvalidScope);
});

test('scopes are described in sentences, each once', () => {
  expect(
    describeDetails(
      detailsOf([
        ['insert-row', 'db1', 'dogs'],
        ['insert-row', 'db1'],
        ['insert-row'],
        ['insert-row', 'db1'],
        ['execute-sql', 'db1'],
        ['view-query', 'db1', 'top'],
        ['constructor', 'db1'],
      ]),
    ),
  ).toEqual([
    'Insert rows into the table dogs of db1',
    'Insert rows into every table of db1',
    'Insert rows into every table',
    'Run any SQL that reads the database db1',
    'Run the saved query top of db1',
    'Do “constructor” with the database db1',
  ]);
});
