import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createKeyring, SealError } from '../../../src/crypto/sealing.ts';
import { authenticatorPlace } from '../../../src/domain/accounts/totp.ts';
import { ensureInstallation } from '../../../src/domain/installation/installation.ts';
import { createReseal } from '../../../src/domain/keys/reseal.ts';
import { createKeyRotation } from '../../../src/domain/keys/rotation.ts';
import { openSealedKeys } from '../../../src/domain/keys/sealed-keys.ts';
import { openSigningKeys } from '../../../src/domain/keys/signing-keys.ts';
import { mailPlace } from '../../../src/domain/mail/outbox.ts';
import { createProviders } from '../../../src/domain/providers/providers.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { createPostgresEphemeralStore } from '../../../src/domain/short-lived/postgres.ts';
import { ephemeralPlace } from '../../../src/domain/short-lived/sealing.ts';
import { onEachDatabase } from '../../db/each-database.ts';
import { openDomain } from '../../support/domain.ts';

const [oldSecret, newSecret] = [
  'the key that seals what the tests store',
  'the key that takes its place in the tests',
];
const oldKeys = createKeyring([oldSecret]);
const bothKeys = createKeyring([newSecret, oldSecret]);
const newKeys = createKeyring([newSecret]);

onEachDatabase(
  (database) => {
    const sessionId = Buffer.alloc(32, 7);

    /** An installation sealed under the old key, with more sessions than one batch. */
    const install = async () => {
      await ensureInstallation(database(), { issuer: 'https://writ.example', keyring: oldKeys });
      const options = { database: database(), jwksMaxAge: 300, rotationDays: 90 };
      await createKeyRotation({ ...options, keyring: oldKeys }).announce();
      const artifacts = createPostgresEphemeralStore({ database: database() });
      for (let index = 0; index < 600; index++) {
        const id = index === 0 ? sessionId : Buffer.from(String(index).padStart(32, '0'));
        await artifacts.put(
          'Session',
          id,
          oldKeys.seal(ephemeralPlace('Session', id), '{"a":1}'),
          3_600,
        );
      }
      await artifacts.insertOnce('ReplayDetection', Buffer.alloc(32, 9), 60);
    };

    test('after a reseal the newest key opens everything, and the old one can be removed', async () => {
      await install();
      const domain = await openDomain(database(), oldKeys);
      const { client, secret } = await domain.registry.create(serverActor, { metadata: {} });

      const { kysely } = database();
      const { id } = await domain.accounts.create(serverActor, { name: 'Ada', email: null });
      const place = authenticatorPlace(id);
      await kysely
        .insertInto('authenticator')
        .values({ account_id: id, secret: oldKeys.seal(place, 'a key of an app'), last_step: 0 })
        .execute();

      const providers = (keyring: typeof oldKeys) =>
        createProviders({ database: database(), keyring });
      const given = { issuer: 'https://login.acme.test', client_id: 'writ' };
      const clientSecret = 'the secret of a client at another provider';
      await providers(oldKeys).create(serverActor, 'acme', {
        ...given,
        client_secret: clientSecret,
      });
      await providers(oldKeys).create(serverActor, 'public', given);
      const mail = { id: randomUUID(), kind: 'password_reset' };
      await kysely
        .insertInto('mail')
        .values({
          ...mail,
          account_id: id,
          details: '{}',
          secret: oldKeys.seal(mailPlace(mail), 'a link'),
        })
        .execute();

      const reseal = createReseal({ database: database(), keyring: bothKeys });
      expect(await reseal.isPending()).toBe(true);
      expect(await reseal.reseal()).toBe(3 + 3 + 4 + 1 + 1 + 1 + 600);
      expect(await reseal.isPending()).toBe(false);
      expect(await reseal.reseal()).toBe(0);

      expect(await openSigningKeys(database().kysely, newKeys)).toHaveLength(6);
      for (const purpose of ['cookies', 'client-secret-digest'] as const)
        expect(await openSealedKeys(database().kysely, newKeys, purpose)).toHaveLength(1);
      const session = await createPostgresEphemeralStore({ database: database() }).get(
        'Session',
        sessionId,
      );
      expect(
        newKeys.open(ephemeralPlace('Session', sessionId), session?.sealed as Buffer).toString(),
      ).toBe('{"a":1}');

      const { secret: sealed } = await kysely
        .selectFrom('authenticator')
        .select('secret')
        .executeTakeFirstOrThrow();
      expect(newKeys.open(place, sealed).toString()).toBe('a key of an app');
      expect(await providers(newKeys).secretOf('acme')).toBe(clientSecret);
      await expect(providers(oldKeys).secretOf('acme')).rejects.toThrow(SealError);
      const { secret: link } = await kysely
        .selectFrom('mail')
        .select('secret')
        .where('id', '=', mail.id)
        .executeTakeFirstOrThrow();
      expect(newKeys.open(mailPlace(mail), link as Buffer).toString()).toBe('a link');

      // Client secrets are digested with a sealed key, which keeps its value.
      const after = await openDomain(database(), newKeys);
      const found = await after.clients(client.client_id);
      expect(found && (await after.secrets.matches(found, secret?.value ?? ''))).toBe(true);
    });

    test('without the key that sealed a row, the row stays unchanged and the error names the setting', async () => {
      await install();
      const reseal = createReseal({ database: database(), keyring: newKeys });
      await expect(reseal.reseal()).rejects.toThrow(SealError);
      await expect(reseal.reseal()).rejects.toThrow('SECRET_KEYS');
      expect(await openSigningKeys(database().kysely, oldKeys)).toHaveLength(6);
    });

    test('a row that is written during the reseal keeps the new value', async () => {
      await install();
      const artifacts = createPostgresEphemeralStore({ database: database() });
      const place = ephemeralPlace('Session', sessionId);
      const reseal = createReseal({ database: database(), keyring: bothKeys });
      await Promise.all([
        reseal.reseal(),
        artifacts.put('Session', sessionId, oldKeys.seal(place, '{"a":2}'), 3_600),
      ]);
      const { sealed } = (await artifacts.get('Session', sessionId)) ?? {};
      expect(bothKeys.open(place, sealed as Buffer).toString()).toBe('{"a":2}');
    });
  },
  { oneForEveryTest: true },
);
