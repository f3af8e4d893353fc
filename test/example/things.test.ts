import { expect, test } from '@jest/globals';
import { createThings, limits } from '../../src/example/things.ts';

const thing = { name: 'A thing', created_by: 'acme:default' };

test('an owner has so many things and no more, until one is deleted', () => {
  const things = createThings();
  const [first] = Array.from({ length: limits.things }, () => things.add('app acme', thing));
  expect(() => things.add('app acme', thing)).toThrow(/at most 100 things/);
  expect(things.add('app other', thing)).toMatchObject(thing);
  things.remove('app acme', first?.id ?? '');
  expect(things.add('app acme', thing)).toMatchObject(thing);
  expect(things.list('app acme')).toHaveLength(limits.things);
});

test('the things of so many owners are kept: those go that nobody has used for longest', () => {
  const things = createThings();
  const owners = Array.from({ length: limits.owners }, (_, place) => `app ${place}`);
  for (const owner of owners) things.add(owner, thing);
  expect(things.list('app 0')).toHaveLength(1);
  things.add('app late', thing);
  expect(things.list('app 1')).toHaveLength(0);
  for (const owner of ['app 0', 'app 2', 'app late']) expect(things.list(owner)).toHaveLength(1);
});

test('who only looks, and finds nothing, takes nobody’s place', () => {
  const things = createThings();
  things.add('app acme', thing);
  for (let place = 0; place <= limits.owners; place++) things.list(`app ${place}`);
  expect(things.list('app acme')).toHaveLength(1);
});
