import { beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createKeyring } from '../../../src/crypto/sealing.ts';
import { createAudit } from '../../../src/domain/audit/events.ts';
import { ensureInstallation } from '../../../src/domain/installation/installation.ts';
import { createAlgorithmsInUse } from '../../../src/domain/keys/algorithms.ts';
import { createKeyRotation } from '../../../src/domain/keys/rotation.ts';
import { generateSigningKey, signingAlgs } from '../../../src/domain/keys/signing-keys.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { mintJwtId, partitionFor } from '../../../src/domain/tokens/value.ts';
import { onEachDatabase } from '../../db/each-database.ts';
import { openDomain } from '../../support/domain.ts';

const keyring = createKeyring(['a key that seals what the tests store']);
const jwksMaxAge = 300;
const now = Math.floor(Date.now() / 1000);

test('a key ID never begins with a dash, so the command line cannot take it for an option', async () => {
  const keys = await Promise.all(Array.from({ length: 500 }, () => generateSigningKey('EdDSA')));
  expect(keys.filter(({ kid }) => kid?.startsWith('-'))).toEqual([]);
});

onEachDatabase(
  (database) => {
    const rotation = (rotationDays = 90) =>
      createKeyRotation({ database: database(), keyring, jwksMaxAge, rotationDays });

    beforeEach(async () => {
      await ensureInstallation(database(), { issuer: 'https://writ.example', keyring });
    });

    /** The key IDs in a state, by algorithm. */
    const inState = async (state: string) =>
      Object.fromEntries(
        (await rotation().list())
          .filter((key) => key.state === state)
          .map(({ alg, kid }) => [alg, kid]),
      );

    /** Moves the creation and first use of all keys so many seconds into the past. */
    const age = (seconds: number) =>
      database()
        .kysely.updateTable('signing_key')
        .set({
          created_at: sql`created_at - ${sql.lit(seconds)} * interval '1 second'` as never,
          signing_since: sql<Date>`signing_since - ${sql.lit(seconds)} * interval '1 second'`,
          retired_at: sql<Date>`retired_at - ${sql.lit(seconds)} * interval '1 second'`,
        })
        .execute();

    /** Stores a JWT signed by the key, with this lifetime in seconds. */
    const signedBy = async (kid: string, seconds: number) => {
      const domain = await openDomain(database(), keyring);
      await domain.partitions.ensure([partitionFor('access_token', now, now + seconds)]);
      const { client } = await domain.registry.create(serverActor, {
        metadata: { token_endpoint_auth_method: 'none' },
      });
      const id = mintJwtId(partitionFor('access_token', now, now + seconds));
      await domain.issue.insert({
        id,
        kid,
        kind: 'access_token',
        client: client.id,
        epochs: { client: 0, app: 0, account: 0, grant: 0 },
        issuedAt: now,
        expiresAt: now + seconds,
      });
      return {
        alive: async () => (await domain.lookup(id))?.alive,
        end: () => domain.revoke(id),
      };
    };

    test('each algorithm has one signing and one announced key, even if several processes create them', async () => {
      await Promise.all([rotation().announce(), rotation().announce(), rotation().announce()]);
      expect(Object.keys(await inState('announced')).sort()).toEqual([...signingAlgs].sort());
      expect(Object.keys(await inState('signing')).sort()).toEqual([...signingAlgs].sort());
      expect(await rotation().list()).toHaveLength(2 * signingAlgs.length);
    });

    test('an announced key does not sign before every verifier must know it', async () => {
      const before = await inState('signing');
      await rotation().announce();
      await expect(rotation().rotate()).rejects.toMatchObject({ code: 'conflict' });
      await age(jwksMaxAge);
      await expect(rotation().rotate('ES256')).rejects.toThrow('verifiers may not know it before');
      expect(await inState('signing')).toEqual(before);
    });

    test('a rotation promotes the announced key, retires the previous one and announces the next', async () => {
      await rotation().announce();
      const [signing, announced] = [await inState('signing'), await inState('announced')];
      await age(jwksMaxAge + 60);
      await rotation().rotate();
      expect(await inState('signing')).toEqual(announced);
      expect(await inState('retired')).toEqual(signing);
      const next = await inState('announced');
      for (const alg of signingAlgs) expect(next[alg]).not.toBe(announced[alg]);
    });

    test('a single algorithm can be rotated', async () => {
      await rotation().announce();
      const [signing, announced] = [await inState('signing'), await inState('announced')];
      await age(jwksMaxAge + 60);
      await rotation().rotate('EdDSA');
      expect(await inState('signing')).toEqual({ ...signing, EdDSA: announced['EdDSA'] });
      expect(await inState('retired')).toEqual({ EdDSA: signing['EdDSA'] });
    });

    test('of several concurrent rotations one succeeds', async () => {
      await rotation().announce();
      const announced = await inState('announced');
      await age(jwksMaxAge + 60);
      const done = await Promise.allSettled([1, 2, 3].map(() => rotation().rotate()));
      expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await inState('signing')).toEqual(announced);
    });

    describe('by schedule', () => {
      test('a key is rotated after its days', async () => {
        await rotation().announce();
        const announced = await inState('announced');
        await age(89 * 86_400);
        expect(await rotation().rotateDue()).toEqual([]);
        await age(2 * 86_400);
        expect((await rotation().rotateDue()).sort()).toEqual([...signingAlgs].sort());
        expect(await inState('signing')).toEqual(announced);
        expect(await rotation().rotateDue()).toEqual([]);
      });

      test('a rotation that is due waits until verifiers know the next key', async () => {
        await age(100 * 86_400);
        await rotation().announce();
        expect(await rotation().rotateDue()).toEqual([]);
      });

      test('zero days turn scheduled rotation off', async () => {
        await rotation().announce();
        await age(1_000 * 86_400);
        expect(await rotation(0).rotateDue()).toEqual([]);
      });
    });

    test('a retired key is removed once the last token it signed has expired or been revoked, and not before', async () => {
      await rotation().announce();
      const { ES256: kid = '' } = await inState('signing');
      const token = await signedBy(kid, 30 * 86_400);
      await age(jwksMaxAge + 60);
      await rotation().rotate('ES256');
      await age(29 * 86_400);
      expect(await rotation().removeRetired()).toEqual([]);
      expect(await token.alive()).toBe(true);
      await token.end();
      expect(await rotation().removeRetired()).toEqual([kid]);
      expect(await inState('retired')).toEqual({});
    });

    test('a retired key stays for a day, even without any stored token', async () => {
      await rotation().announce();
      await age(jwksMaxAge + 60);
      await rotation().rotate('RS256');
      expect(await rotation().removeRetired()).toEqual([]);
      await age(86_400 + 60);
      expect(await rotation().removeRetired()).toHaveLength(1);
    });

    describe('the algorithms in use', () => {
      const algs = async () =>
        [...(await createAlgorithmsInUse({ database: database() })())].sort();
      const forget = (days: number) =>
        database()
          .kysely.updateTable('signing_key')
          .set({ used_at: sql<Date>`now() - ${days} * interval '1 day'` })
          .execute();

      test('stay published for a week after the last client let go of them', async () => {
        const { registry } = await openDomain(database(), keyring);
        expect(await algs()).toEqual(['RS256']);
        const { client } = await registry.create(serverActor, {
          metadata: { id_token_signed_response_alg: 'EdDSA', grant_types: ['refresh_token'] },
        });
        expect(await algs()).toEqual(['EdDSA', 'RS256']);
        await registry.update(serverActor, client.client_id, {
          metadata: { id_token_signed_response_alg: 'RS256' },
        });
        expect(await algs()).toEqual(['EdDSA', 'RS256']);
        await forget(8);
        expect(await algs()).toEqual(['RS256']);
      });

      test('stay published for as long as a live token was signed with them', async () => {
        await rotation().announce();
        const token = await signedBy((await inState('signing'))['EdDSA'] ?? '', 30 * 86_400);
        await forget(2);
        await rotation().keepUsed();
        await database()
          .kysely.updateTable('signing_key')
          .set({ used_at: null })
          .where('alg', '=', 'ES256')
          .execute();
        expect(await algs()).toEqual(['EdDSA', 'RS256']);
        await token.end();
        await forget(8);
        await rotation().keepUsed();
        expect(await algs()).toEqual(['RS256']);
      });
    });

    test('a revoked key is removed at once, its tokens are inactive, and the next one signs', async () => {
      await rotation().announce();
      const { ES256: kid = '' } = await inState('signing');
      const [announced, untouched] = [await inState('announced'), await inState('signing')];
      const [token, other] = [
        await signedBy(kid, 3_600),
        await signedBy(untouched['RS256'] ?? '', 3_600),
      ];
      expect(await rotation().revoke(kid)).toBe(true);
      expect(await token.alive()).toBe(false);
      expect(await other.alive()).toBe(true);
      expect(await inState('signing')).toEqual({ ...untouched, ES256: announced['ES256'] });
      expect((await inState('announced'))['ES256']).not.toBe(announced['ES256']);
      expect(await inState('retired')).toEqual({});
      expect(await rotation().revoke(kid)).toBe(false);
      const changes = await database().kysely.selectFrom('change').selectAll().execute();
      expect(changes.filter((change) => change.kind === 'key.revoked')).toEqual([
        expect.objectContaining({ kid }),
      ]);
    });

    test('when all keys are revoked at once, all are removed and new ones sign', async () => {
      await rotation().announce();
      const before = (await rotation().list()).map(({ kid }) => kid);
      expect(await Promise.all(before.map((kid) => rotation().revoke(kid)))).toEqual(
        before.map(() => true),
      );
      const after = (await rotation().list()).map(({ kid }) => kid);
      expect(after.filter((kid) => before.includes(kid))).toEqual([]);
      expect(Object.keys(await inState('signing')).sort()).toEqual([...signingAlgs].sort());
    });

    test('changes of keys are audited by key ID and without the keys', async () => {
      await rotation().announce();
      await age(jwksMaxAge + 60);
      await rotation().rotate('ES256');
      const { RS256: kid = '' } = await inState('signing');
      await rotation().revoke(kid);
      const { items } = await createAudit({ database: database() }).page({ limit: 100 });
      const actions = items.map(({ action }) => action);
      expect(actions.filter((action) => action === 'key.rotated')).toHaveLength(2);
      expect(actions.filter((action) => action === 'key.announced')).toHaveLength(5);
      expect(items.find(({ action }) => action === 'key.revoked')).toMatchObject({
        target: { kind: 'key', id: kid },
        actor: { kind: 'system', id: null },
      });
      expect(JSON.stringify(items)).not.toMatch(/"(d|p|q|dp|dq|qi)":/);
    });
  },
  { oneForEveryTest: true },
);
