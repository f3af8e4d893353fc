import { expect, test } from '@jest/globals';
import { datasetteResource } from '../../src/dialects/datasette/resource.ts';
import {
  type DatasetteScope,
  detailsOf,
  InvalidScope,
  isDetail,
  parseScopes,
  scopesOf,
} from '../../src/dialects/datasette/scopes.ts';
import { describeDetails } from '../../src/dialects/datasette/sentences.ts';
import { describeDetail } from '../../src/dialects/index.ts';
import { describeDetails as describeAll } from '../../src/domain/grants/detail-descriptions.ts';
import type { Resource } from '../../src/domain/resources/resources.ts';

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

test('consecutive scopes on the same thing are one authorization detail', () => {
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

test('anything but lists of one to three strings is an invalid scope', () => {
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

test('a detail is valid for Datasette only if scopes express exactly it', () => {
  const actions = ['view-table', 'view-table'];
  const scopes: DatasetteScope[] = [['a'], ['a', 'db/1'], ['a', 'db1', 'dogs'], ['b', 'db1', '%']];
  for (const detail of detailsOf(scopes))
    expect([detail, isDetail(detail)]).toEqual([detail, true]);
  for (const detail of [
    { type: 'datasette_table', identifier: 'db1/', actions },
    { type: 'datasette_table', identifier: '/', actions },
    { type: 'datasette_database', identifier: '', actions },
    { type: 'datasette_instance', identifier: 'db1/dogs', actions },
    { type: 'datasette_database', identifier: 'db1/dogs', actions },
    { type: 'datasette_table', identifier: 'db1', actions },
    { type: 'datasette_table', actions },
    { type: 'datasette_database', identifier: '%', actions },
    { type: 'datasette_database', identifier: 'db%31', actions },
    { type: 'datasette_database', identifier: 'a/b/c', actions },
    { type: 'datasette_database', identifier: 'db1' },
    { type: 'datasette_database', identifier: 'db1', actions: [] },
    { type: 'datasette_database', identifier: 'db1', actions: [''] },
    { type: 'datasette_database', identifier: 'db1', actions, privileges: ['root'] },
  ]) {
    expect([detail, isDetail(detail)]).toEqual([detail, false]);
    // If one were stored, its page would still show its contents.
    expect(describeDetail(datasetteResource, detail)).toBeUndefined();
  }
});

test('the description of a detail includes all of its members', () => {
  const declared = { identifier: datasetteResource, name: 'Datasette' };
  const described = (detail: Parameters<typeof describeDetail>[1], describe = describeDetail) =>
    describeAll(
      {
        ...declared,
        detailsTypes: [{ type: 'box', description: 'A box', actions: [] }],
      } as never as Resource,
      [detail],
      describe,
    ).map(({ description }) => description);
  expect(
    described({
      ...{ type: 'box', identifier: 'red', actions: ['open'], datatypes: ['lids', 'keys'] },
      ...{ privileges: ['owner'], locations: ['https://boxes.test'] },
    }),
  ).toEqual([
    'A box “red”: open (data types: lids, keys; privileges: owner; at: https://boxes.test)',
  ]);
  expect(described({ type: 'box', privileges: ['owner'] })).toEqual(['A box (privileges: owner)']);
  // An empty description would say nothing.
  expect(described({ type: 'box' }, () => '')).toEqual(['A box']);
});
