import { beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { TOTP } from 'otpauth';
import { createKeyring } from '../../../src/crypto/sealing.ts';
import { accountHasFactor } from '../../../src/domain/accounts/account-factors.ts';
import { createFactorPolicy } from '../../../src/domain/accounts/factor-policy.ts';
import { createFactorResets, sealStopClaim } from '../../../src/domain/accounts/factor-resets.ts';
import type { ManagementActor } from '../../../src/domain/roles/management-actor.ts';
import { createRoles } from '../../../src/domain/roles/roles.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { addAuthenticator } from '../../support/factors.ts';
import { keepSecret } from '../../support/run-records.ts';
import { secretKey, unique } from '../../support/stacks.ts';
import { here, onStore, openPeople, quickHasher, watchedHasher } from './people.ts';

const keyring = createKeyring([secretKey]);

onStore((store) => {
  // As every installation has it.
  beforeAll(() =>
    createRoles({ database: store().database }).set(serverActor, {
      name: 'administrator',
      permissions: [],
    }),
  );

  const people = () => openPeople(store(), { hasher: watchedHasher(quickHasher) });
  const kysely = () => store().database.kysely;

  describe('the reset of second factors', () => {
    const resets = (waitingHours = 24) =>
      createFactorResets({ database: store().database, keyring, waitingHours });

    /** A person with an authenticator app, who is signed in. */
    const withFactor = async (roles: string[] = []) => {
      const opened = people();
      const person = await opened.person();
      await opened.accounts.update(serverActor, person.id, { roles });
      const { value } = await opened.signIn({ email: person.email });
      await addAuthenticator(kysely(), person.id);
      return { ...opened, ...person, value };
    };
    const hasFactor = (id: string) => accountHasFactor(kysely(), id);
    const due = (id: string) =>
      sql`update factor_reset set due_at = now() where account_id = ${id}::uuid`.execute(kysely());
    const lastEvent = async ({ events, id }: Awaited<ReturnType<typeof withFactor>>) =>
      (await events(id)).at(-1);

    test('happens after the waiting time, by a job, and ends every session', async () => {
      const ada = await withFactor();
      const planned = await resets().plan(serverActor, ada.id);
      expect(Number(planned?.dueAt) - Number(planned?.plannedAt)).toBe(24 * 3_600_000);
      expect(await lastEvent(ada)).toMatchObject({ action: 'account.factors_reset_planned' });
      // Planned again, it keeps its time and sends no second email.
      expect(await resets(48).plan(serverActor, ada.id)).toEqual(planned);
      const mails = await kysely()
        .selectFrom('mail')
        .select('kind')
        .where('account_id', '=', ada.id)
        .execute();
      expect(mails).toEqual([{ kind: 'factors_reset_planned' }]);
      await resets().applyDue();
      expect([await hasFactor(ada.id), await ada.sessions.find(ada.value)]).toEqual([
        true,
        expect.objectContaining({ account: expect.objectContaining({ id: ada.id }) }),
      ]);
      await due(ada.id);
      expect(await resets().applyDue()).toBeGreaterThan(0);
      expect([await hasFactor(ada.id), await ada.sessions.find(ada.value)]).toEqual([
        false,
        undefined,
      ]);
      expect(await lastEvent(ada)).toMatchObject({
        action: 'account.factors_reset',
        actor_kind: 'system',
        details: { removed: ['authenticator'], ended_sessions: 1 },
      });
      expect(await resets().find(ada.id)).toBeUndefined();
      expect(await ada.mails(ada.id)).toEqual(['factors_reset_planned', 'factors_reset']);
    });

    test('leaves factors alone that are set up after it, and an account that became an administrator’s', async () => {
      const ada = await withFactor();
      await resets().plan(serverActor, ada.id);
      // The waiting time was removed in the meantime, so the second request has an effect at once.
      expect(await resets(0).plan(serverActor, ada.id)).toBeUndefined();
      expect(await ada.mails(ada.id)).toContain('factors_reset');
      await addAuthenticator(kysely(), ada.id);
      await due(ada.id);
      await resets().applyDue();
      expect(await hasFactor(ada.id)).toBe(true);
      await resets().plan(serverActor, ada.id);
      await ada.accounts.update(serverActor, ada.id, { roles: ['administrator'] });
      expect(await resets().find(ada.id)).toBeUndefined();
      expect((await ada.events(ada.id)).map(({ action }) => action)).toContain(
        'account.factors_reset_cancelled',
      );
    });

    describe('sessions and invitations end for a person who gets more scopes of this API, since others may have begun them', () => {
      const roles = () => createRoles({ database: store().database });
      const withScopes = async (apiScopes: string[], name = unique('role')) =>
        (await roles().set(serverActor, { name, permissions: [], apiScopes })).name;
      /** A person with these roles and everything that can be left from before. */
      const watched = async (...names: string[]) => {
        const ada = await withFactor(names);
        const invitation = await ada.invitations.create(serverActor, ada.id);
        await resets().plan(serverActor, ada.id);
        const left = async () => [
          (await ada.sessions.find(ada.value)) !== undefined,
          (await ada.invitations.find(invitation.value)) !== undefined,
          (await resets().find(ada.id)) !== undefined,
        ];
        return { ...ada, left };
      };
      const [all, none] = [
        [true, true, true],
        [false, false, false],
      ];

      test('by another role', async () => {
        const [reader, helper, part] = await Promise.all(
          [['accounts:read'], ['accounts:read', 'accounts:write'], ['accounts:support']].map(
            (scopes) => withScopes(scopes),
          ),
        );
        const ada = await watched(String(reader));
        const give = (...names: unknown[]) =>
          ada.accounts.update(serverActor, ada.id, { roles: names.map(String) });
        await give(reader, await withScopes([]));
        expect(await ada.left()).toEqual(all);
        await give(helper);
        expect(await ada.left()).toEqual(none);
        const grace = await watched(String(helper));
        await grace.accounts.update(serverActor, grace.id, {
          roles: [String(helper), String(reader), String(part)],
        });
        expect(await grace.left()).toEqual(all);
      });

      test('by a change of their role', async () => {
        const role = await withScopes(['accounts:read']);
        const other = await withScopes(['audit:read']);
        const [ada, grace, root, eve] = await Promise.all([
          watched(role),
          watched(role, other),
          watched(role, 'administrator'),
          watched(),
        ]);
        const leftOfAll = () => Promise.all([ada, grace, root, eve].map(({ left }) => left()));
        await roles().set(serverActor, { name: role, permissions: ['things.read'] });
        expect(await leftOfAll()).toEqual([all, all, all, all]);
        // One has the scope by another role, one has every scope, and one does not have the role.
        await withScopes(['accounts:read', 'audit:read'], role);
        expect(await leftOfAll()).toEqual([none, all, all, all]);
        await withScopes(['audit:read', 'keys:read'], role);
        expect(await leftOfAll()).toEqual([none, none, all, all]);
        await withScopes([], role);
        expect(await leftOfAll()).toEqual([none, none, all, all]);
      });
    });

    test('is stopped by the person with the link, once, and cancelled by an administrator', async () => {
      const ada = await withFactor();
      const plan = async () => {
        await resets().plan(serverActor, ada.id);
        const { id } = await kysely()
          .selectFrom('factor_reset')
          .select('id')
          .where('account_id', '=', ada.id)
          .executeTakeFirstOrThrow();
        const value = sealStopClaim(keyring, { accountId: ada.id, resetId: id });
        keepSecret('stop link', value);
        return value;
      };
      const first = await plan();
      expect(await resets().findByLink(first)).toMatchObject({ email: ada.email });
      expect(await resets().stopByLink(first, here)).toBe(true);
      expect(await lastEvent(ada)).toMatchObject({
        action: 'account.factors_reset_stopped',
        actor_id: ada.id,
        ip: here,
        details: { by: 'link' },
      });
      const second = await plan();
      // The old link is about a reset that is no longer planned.
      expect(await resets().stopByLink(first, here)).toBe(false);
      expect(await resets().cancel(serverActor, ada.id)).toBe(true);
      expect(await lastEvent(ada)).toMatchObject({ action: 'account.factors_reset_cancelled' });
      expect(await resets().findByLink(second)).toBeUndefined();
      expect(await resets().stopByLink(`${second.slice(0, -2)}xx`, here)).toBe(false);
      expect(await resets().cancel(serverActor, ada.id)).toBe(false);
      expect(await hasFactor(ada.id)).toBe(true);
    });

    test('is refused for one’s own account, for an administrator by a caller with less, and without a factor', async () => {
      const ada = await withFactor();
      const actor = (id: string): ManagementActor => ({
        kind: 'account',
        id,
        scopes: new Set(['accounts:write']),
      });
      const denied = { code: 'access_denied' };
      await expect(resets().plan(actor(ada.id), ada.id)).rejects.toMatchObject(denied);
      await expect(resets().cancel(actor(ada.id), ada.id)).rejects.toMatchObject(denied);
      await ada.accounts.update(serverActor, ada.id, { roles: ['administrator'] });
      const { id: other } = await ada.person();
      await expect(resets().plan(actor(other), ada.id)).rejects.toMatchObject(denied);
      await expect(resets().plan(serverActor, other)).rejects.toMatchObject({ code: 'conflict' });
      expect(await hasFactor(ada.id)).toBe(true);
      // Without a waiting time it happens at once.
      expect(await resets(0).plan(serverActor, ada.id)).toBeUndefined();
      expect(await hasFactor(ada.id)).toBe(false);
    });
  });

  describe('the policy for second factors', () => {
    const days = 86_400_000;
    const requirement = async (
      id: string,
      policy: Parameters<typeof createFactorPolicy>[0] = { who: 'optional', days: 0 },
    ) =>
      kysely()
        .transaction()
        .execute((transaction) => createFactorPolicy(policy).rememberRequirement(transaction, id));
    const inDays = ({ dueAt, isDue }: { dueAt: Date; isDue: boolean }) => [
      Math.round((dueAt.getTime() - Date.now()) / days) || 0,
      isDue,
    ];

    let [careful, strict] = ['', ''];
    beforeAll(async () => {
      const roles = createRoles({ database: store().database });
      const set = async (secondFactorWithinDays: number) => {
        const name = unique('role');
        await roles.set(serverActor, { name, permissions: [], secondFactorWithinDays });
        return name;
      };
      [careful, strict] = [await set(30), await set(7)];
    });

    test('the strictest of those that apply counts, from the first sign-in under it', async () => {
      const { accounts, person } = people();
      const { id } = await person();
      const roles = (...names: string[]) => accounts.update(serverActor, id, { roles: names });
      const ago = (count: number) =>
        sql`update account set factor_policies = (
          select jsonb_object_agg(key, to_jsonb(now() - ${count} * interval '1 day')) from jsonb_each(factor_policies))
          where id = ${id}::uuid`.execute(kysely());
      expect(await requirement(id)).toBeUndefined();
      await roles(careful);
      expect(inDays(Object(await requirement(id)))).toEqual([30, false]);
      await ago(10);
      expect(inDays(Object(await requirement(id)))).toEqual([20, false]);
      // A role that is given later has its own beginning.
      await roles(careful, strict);
      expect(inDays(Object(await requirement(id)))).toEqual([7, false]);
      await ago(8);
      expect(inDays(Object(await requirement(id)))).toEqual([-1, true]);
      await expect(
        createFactorPolicy({ who: 'optional', days: 0 }).requireNotNeeded(kysely(), id),
      ).rejects.toMatchObject({ code: 'conflict' });
      // A policy that no longer applies is forgotten.
      await roles();
      expect(await requirement(id)).toBeUndefined();
      await roles(strict);
      expect(inDays(Object(await requirement(id)))).toEqual([7, false]);
      expect(inDays(Object(await requirement(id, { who: 'everyone', days: 0 })))).toEqual([
        0,
        true,
      ]);
    });

    test('a person under it sets up a factor before the session begins, and one who has a factor proves it', async () => {
      const clock = Date.parse('2026-11-30T12:00:15Z');
      const opened = openPeople(store(), {
        hasher: watchedHasher(quickHasher),
        now: () => clock,
        secondFactor: { who: 'everyone', days: 0 },
      });
      const { completion, authenticators, sessions } = opened;
      const { id, email } = await opened.person();
      const browser = 'the secret of a browser';
      const origin = { ip: here, browser };
      const begin = async () => {
        const first = await opened.firstStep({ email, ...origin });
        const pending =
          first.outcome === 'more' ? completion.openPending(first.pending, origin) : undefined;
        if (!pending) throw new Error('nothing is pending');
        return pending;
      };
      const pending = await begin();
      expect(await completion.nextStep(pending, origin)).toBe('enrol');
      const standIn = '00000000-0000-4000-8000-000000000000';
      const { secret, sealed } = authenticators.begin(id, standIn);
      const code = TOTP.generate({ secret: new TOTP({ secret }).secret, timestamp: clock });
      const setUp = { accountId: id, sessionId: standIn, sealed, code, ip: here };
      expect((await authenticators.confirm(setUp)).recoveryCodes).toHaveLength(10);
      const step = { done: 'enrol', amr: ['otp', 'mfa'], hasFactor: true } as const;
      const signIn = await completion.continueSignIn(pending, step, origin);
      if (signIn.outcome !== 'signed_in') throw new Error(`${signIn.next} is missing`);
      expect(await sessions.find(signIn.value)).toMatchObject({ factorAt: expect.any(Date) });
      // With the password alone, no second one is set up.
      expect(await completion.nextStep(await begin(), origin)).toBe('factor');
      await expect(authenticators.remove(id, here)).rejects.toMatchObject({ code: 'conflict' });
    });

    test('that of the installation applies to everyone, or to administrators', async () => {
      const { accounts, person } = people();
      const { id } = await person();
      expect(await requirement(id, { who: 'administrators', days: 3 })).toBeUndefined();
      await accounts.update(serverActor, id, { roles: ['administrator'] });
      expect(inDays(Object(await requirement(id, { who: 'administrators', days: 3 })))).toEqual([
        3,
        false,
      ]);
    });
  });
});
