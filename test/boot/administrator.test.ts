import { describe, expect, test } from '@jest/globals';
import { administratorRole } from '../../config/roles.ts';
import { createKeyring } from '../../src/crypto/sealing.ts';
import {
  ensureFirstAdministrator,
  ensureSomeAdministrator,
  pendingAdministrator,
} from '../../src/domain/accounts/first-administrator.ts';
import type { Domain } from '../../src/domain/index.ts';
import { ensureInstallation, RoleTakenError } from '../../src/domain/installation/installation.ts';
import { serverActor } from '../../src/domain/roles/server-actor.ts';
import { onEachDatabase } from '../db/each-database.ts';
import { openDomain } from '../support/domain.ts';

const keyring = createKeyring(['a key that seals what the tests store']);
const password = 'seven otters read a quiet map';

onEachDatabase(
  (database) => {
    const install = () =>
      ensureInstallation(database(), { issuer: 'https://writ.example', keyring });
    const open = async (): Promise<Domain> => {
      await install();
      return openDomain(database(), keyring);
    };

    describe('the first administrator', () => {
      test('is made once, however many processes start at once, and can be invited in by one link', async () => {
        const domain = await open();
        const made = await Promise.all([1, 2, 3].map(() => ensureFirstAdministrator(domain)));
        const [first, ...others] = made.filter((each) => each !== undefined);
        expect(others).toEqual([]);
        expect(first?.email).toBe('admin@localhost');
        const accounts = await domain.accounts.page({ limit: 10 });
        expect(accounts).toMatchObject([{ email: 'admin@localhost', roles: [administratorRole] }]);
        const accepted = await domain.invitations.accept(first?.invitation.value ?? '', password);
        expect(accepted).toMatchObject({ accountId: accounts[0]?.id });
        expect(await ensureFirstAdministrator(domain)).toBeUndefined();
      });

      test('is not made where there is an account, whoever it is', async () => {
        const domain = await open();
        await domain.accounts.create(serverActor, { name: 'Ada' });
        expect(await ensureFirstAdministrator(domain)).toBeUndefined();
        expect(await domain.accounts.page({ limit: 10 })).toHaveLength(1);
      });

      test('is awaited until an administrator who is not disabled has a password', async () => {
        const domain = await open();
        expect(await pendingAdministrator(domain)).toBeUndefined();
        const given = { name: 'Ada', email: 'ada@example.com' };
        const made = await ensureFirstAdministrator(domain, given);
        const { id } = await domain.accounts.create(serverActor, {
          name: 'Eve',
          email: 'eve@example.com',
        });
        const other = await domain.invitations.create(serverActor, id);
        await domain.invitations.accept(other.value, password);
        expect(await pendingAdministrator(domain)).toBe('ada@example.com');
        await domain.invitations.accept(made?.invitation.value ?? '', password);
        expect(await pendingAdministrator(domain)).toBeUndefined();
      });
    });

    describe('the last active administrator', () => {
      const refused = expect.objectContaining({
        code: 'conflict',
        message: expect.stringContaining('the last active administrator'),
      });
      const administrators = async (domain: Domain, ...names: string[]) =>
        Promise.all(
          names.map((name) =>
            domain.accounts.create(serverActor, {
              name,
              email: `${name}@example.com`,
              roles: [administratorRole],
            }),
          ),
        );

      test('cannot be deleted, disabled, demoted or left without an email address', async () => {
        const domain = await open();
        const [{ id } = { id: '' }] = await administrators(domain, 'ada');
        await domain.accounts.create(serverActor, { name: 'Eve', email: 'eve@example.com' });
        const { accounts, accountDeletion } = domain;
        for (const refuse of [
          () => accountDeletion.delete(serverActor, id),
          () => accounts.disable(serverActor, id),
          () => accounts.update(serverActor, id, { roles: [] }),
          () => accounts.update(serverActor, id, { email: null }),
        ])
          await expect(refuse()).rejects.toEqual(refused);
        expect(await accounts.update(serverActor, id, { name: 'Ada L.' })).toMatchObject({
          name: 'Ada L.',
          roles: [administratorRole],
        });
      });

      test('is the one who can sign in: an invited one without a password does not count', async () => {
        const domain = await open();
        const [ada = '', eve = ''] = (await administrators(domain, 'ada', 'eve')).map(
          ({ id }) => id,
        );
        const choosePassword = async (id: string) => {
          const { value } = await domain.invitations.create(serverActor, id);
          await domain.invitations.accept(value, password);
        };
        await choosePassword(ada);
        const { accounts, accountDeletion } = domain;
        for (const refuse of [
          () => accountDeletion.delete(serverActor, ada),
          () => accounts.disable(serverActor, ada),
          () => accounts.update(serverActor, ada, { roles: [] }),
        ])
          await expect(refuse()).rejects.toEqual(refused);
        expect(await accounts.disable(serverActor, eve)).toBe(true);
        await accounts.enable(serverActor, eve);
        await choosePassword(eve);
        expect(await accounts.disable(serverActor, ada)).toBe(true);
        await expect(accounts.disable(serverActor, eve)).rejects.toEqual(refused);
      });

      test('stays, however many administrators leave at once and by whatever way', async () => {
        const domain = await open();
        const [a, b, c] = await administrators(domain, 'ada', 'bob', 'cyd');
        const left = await Promise.allSettled([
          domain.accountDeletion.delete(serverActor, a?.id ?? ''),
          domain.accounts.disable(serverActor, b?.id ?? ''),
          domain.accounts.update(serverActor, c?.id ?? '', { roles: [] }),
        ]);
        const reasons = left.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
        expect(reasons).toEqual([refused]);
      });

      test('can be created by `setup` again if an older version let the last one go', async () => {
        const domain = await open();
        const given = { name: 'Ada', email: 'ada@example.com' };
        const made = await ensureSomeAdministrator(domain, given);
        expect(made?.email).toBe('ada@example.com');
        expect(await ensureSomeAdministrator(domain, given)).toBeUndefined();
        await database()
          .kysely.updateTable('account')
          .set({ disabled_at: new Date(), roles: [] })
          .execute();
        // A start of the embedded database does not undo that by itself.
        expect(await ensureFirstAdministrator(domain, given)).toBeUndefined();
        const again = await ensureSomeAdministrator(domain, {
          name: 'x',
          email: 'ADA@example.com',
        });
        await domain.invitations.accept(again?.invitation.value ?? '', password);
        const other = { name: 'Bob', email: 'bob@example.com' };
        expect(await ensureSomeAdministrator(domain, other)).toBeUndefined();
        expect(await domain.accounts.page({ limit: 10 })).toMatchObject([
          { name: 'Ada', roles: [administratorRole], disabled_at: null },
        ]);
      });
    });

    describe('the role of administrators', () => {
      const forgetRole = () =>
        database().kysely.deleteFrom('role').where('name', '=', administratorRole).execute();
      const find = async (domain: Domain) =>
        (await domain.roles.page({ limit: 10 })).find(({ name }) => name === administratorRole);

      test('comes to an installation that an older version made', async () => {
        const domain = await open();
        const before = await find(domain);
        expect(before?.permissions).toEqual(['writ.administer']);
        await forgetRole();
        await install();
        expect(await find(domain)).toEqual(before);
      });

      test('takes the place of another of its name that nobody has', async () => {
        const domain = await open();
        await domain.roles.set(serverActor, {
          name: administratorRole,
          permissions: ['things.delete'],
        });
        await install();
        expect((await find(domain))?.permissions).toEqual(['writ.administer']);
      });

      test('never makes an administrator of whoever had another role of its name: the start is refused, and says who', async () => {
        const domain = await open();
        await domain.roles.set(serverActor, {
          name: administratorRole,
          permissions: ['things.delete'],
        });
        const roles = [administratorRole];
        await domain.accounts.create(serverActor, { name: 'Eve', email: 'eve@example.com', roles });
        await expect(install()).rejects.toThrow(RoleTakenError);
        await expect(install()).rejects.toThrow('the account eve@example.com');
        expect((await find(domain))?.permissions).toEqual(['things.delete']);
      });
    });
  },
  { oneForEveryTest: true },
);
