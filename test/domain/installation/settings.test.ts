import { expect, test } from '@jest/globals';
import { loadSettings } from '../../../config/settings.ts';
import { createListSettings } from '../../../src/domain/installation/settings.ts';

const issuer = 'http://localhost:4000';

const listed = (environment: Record<string, string>) => {
  const list = createListSettings(loadSettings(environment), issuer)();
  return (name: string) => list.find((one) => one.name === name);
};

test('each setting says where its value comes from: the environment, its default, or other settings', () => {
  const on = listed({ PORT: '4000', LOG_LEVEL: 'info', BRAND_NAME: '' });
  expect(on('PORT')).toMatchObject({ value: '4000', origin: 'environment', changed: true });
  expect(on('ISSUER')).toMatchObject({
    value: issuer,
    origin: 'derived',
    derived_from: ['PORT'],
    changed: false,
  });
  expect(on('DATABASE_URL')?.value).toMatch(/^pglite:.*\/db$/);
  // Set to its default, and set to nothing.
  expect(on('LOG_LEVEL')).toMatchObject({ value: 'info', origin: 'environment', changed: false });
  expect(on('BRAND_NAME')).toMatchObject({ value: 'Writ', origin: 'default', changed: false });
  expect(on('REDIS_URL')).toMatchObject({ value: null, origin: 'default', secret: false });
});

test('a secret is said to be set, and is nowhere in the list', () => {
  const secrets = {
    DATABASE_URL: 'postgres://writ:swordfish@db/writ',
    REDIS_URL: 'redis://:swordfish@redis',
    SMTP_URL: 'smtp://writ:swordfish@mail',
    SECRET_KEYS: 'swordfish'.repeat(4),
  };
  const settings = loadSettings(secrets);
  const list = createListSettings(settings, issuer)();
  for (const name of Object.keys(secrets))
    expect(list.find((one) => one.name === name)).toMatchObject({
      value: null,
      secret: true,
      origin: 'environment',
      changed: true,
    });
  expect(JSON.stringify([list, settings.given])).not.toContain('swordfish');
  expect(listed({})('SECRET_KEYS')).toMatchObject({
    value: null,
    secret: true,
    origin: 'derived',
    derived_from: ['DATA_DIR'],
  });
});

test('every setting says what a change does, as a sentence', () => {
  for (const { name, change } of createListSettings(loadSettings({}), issuer)())
    expect(`${name}: ${change}`).toMatch(/^[A-Z_]+: [A-Z][^\n]{15,}[^.]$/);
});
