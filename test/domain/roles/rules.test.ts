import { beforeAll, describe, expect, test } from '@jest/globals';
import { operatorClientId } from '../../../config/clients.ts';
import { administratorRole } from '../../../config/roles.ts';
import { createKeyring } from '../../../src/crypto/sealing.ts';
import type { Domain } from '../../../src/domain/index.ts';
import { apiResource, ensureInstallation } from '../../../src/domain/installation/installation.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { issueApiKey } from '../../../src/domain/tokens/named/api-keys.ts';
import { parseToken, publicId, type TokenId } from '../../../src/domain/tokens/value.ts';
import { onEachDatabase } from '../../db/each-database.ts';
import { caller, callerWithout } from '../../support/callers.ts';
import { openDomain, operationsOf } from '../../support/domain.ts';
import { keepingSealed } from '../../support/sealed-secrets.ts';
import { unique } from '../../support/unique.ts';
import { expectRefused } from '../apps/apps.ts';

const issuer = 'https://writ.example';
const all = caller();
const roles = [administratorRole];

const keyring = createKeyring(['a key of the rules of roles']);

/** The operations are called by a face that checks nothing itself. */
onEachDatabase((database) => {
  let domain: Domain;

  beforeAll(async () => {
    const keyring = keepingSealed(createKeyring(['a key of the rules of roles']));
    await ensureInstallation(database(), { issuer, keyring });
    domain = await openDomain(database(), keyring);
  });

  const account = async (given: { roles?: string[] } = {}): Promise<string> => {
    const email = `${unique('ada')}@example.com`;
    return (await domain.accounts.create(serverActor, { name: 'Ada', email, ...given })).id;
  };

  describe('a caller that lacks one scope of this API', () => {
    const lesser = callerWithout('keys:write');
    const refused = (run: Promise<unknown>) =>
      expectRefused(
        run,
        'access_denied',
        'Only a caller that has every scope of this API can create, change or invite accounts with the role administrator.',
      );

    test('can neither create an administrator nor assign the role', async () => {
      await refused(domain.accounts.create(lesser, { name: 'Eve', roles }));
      const id = await account();
      await refused(domain.accounts.update(lesser, id, { roles }));
      expect((await domain.accounts.describe(id))?.roles).toEqual([]);
    });

    const everyChange: [operation: string, change: (id: string) => Promise<unknown>][] = [
      ['accounts.update', (id) => domain.accounts.update(lesser, id, { email: 'eve@example.com' })],
      ['accounts.update', (id) => domain.accounts.update(lesser, id, { roles: [] })],
      ['accounts.disable', (id) => domain.accounts.disable(lesser, id)],
      ['accounts.enable', (id) => domain.accounts.enable(lesser, id)],
      ['accounts.approve', (id) => domain.accounts.approve(lesser, id)],
      ['accounts.revokeTokens', (id) => domain.accounts.revokeTokens(lesser, id)],
      ['invitations.create', (id) => domain.invitations.create(lesser, id)],
    ];

    const endingAccess: typeof everyChange = [
      ['sessions.revokeAll', (id) => domain.sessions.revokeAll(lesser, id)],
      [
        'consentMemory.withdraw',
        (id) => domain.consentMemory.withdraw(id, 'app', { actor: lesser }),
      ],
      ['delegations.end', (id) => domain.delegations.end(id, 'app', lesser)],
    ];

    test.each([...everyChange, ...endingAccess])(
      'cannot call %s for an administrator',
      async (_operation, change) => {
        const id = await account({ roles });
        await refused(change(id));
        expect(await domain.accounts.describe(id)).toMatchObject({ roles, disabled_at: null });
      },
    );

    test('every operation on accounts is covered above, or has its own rule', () => {
      const others = [
        ...['accounts.find', 'accounts.describe', 'accounts.namesOf', 'accounts.page'],
        // Read for the tokens of the person.
        'accounts.claims',
        ...['accounts.ownerOfApp', 'invitations.find', 'invitations.checkPassword'],
        // Refused above, before there is an account.
        'accounts.create',
        // Called by the person, who proves it with a session or the link.
        ...['accounts.updateProfile', 'invitations.accept'],
      ];
      const { accounts, invitations } = domain;
      const listed = new Set([...others, ...everyChange.map(([operation]) => operation)]);
      expect(operationsOf({ accounts, invitations })).toEqual([...listed].sort());
    });

    test('is refused before it learns whether the account has changed', async () => {
      const stale = () => {
        throw new Error('the precondition failed');
      };
      await refused(domain.accounts.update(lesser, await account({ roles }), {}, stale));
    });

    test('can manage every other account', async () => {
      const { id } = await domain.accounts.create(lesser, {
        name: 'Grace',
        email: `${unique('grace')}@example.com`,
      });
      expect(await domain.accounts.update(lesser, id, { name: 'Grace H.' })).toMatchObject({ id });
      expect(await domain.accounts.disable(lesser, id)).toBe(true);
      expect(await domain.accounts.enable(lesser, id)).toBe(true);
      expect(await domain.invitations.create(lesser, id)).toHaveProperty('value');
    });
  });

  test('a caller with every scope can manage administrators', async () => {
    const { id } = await domain.accounts.create(all, { name: 'Ada', roles });
    expect(await domain.accounts.update(all, id, { roles: [] })).toMatchObject({ roles: [] });
  });

  test('an administrator can change their own name without any scope', async () => {
    const id = await account({ roles });
    expect(await domain.accounts.updateProfile(id, { name: 'Lovelace' })).toMatchObject({ roles });
  });

  test('no caller can change or delete the administrator role', async () => {
    const message = `The role ${administratorRole} is built in and cannot be changed.`;
    await expectRefused(
      domain.roles.set(all, { name: administratorRole, permissions: ['*'] }),
      'access_denied',
      message,
    );
    await expectRefused(domain.roles.delete(all, administratorRole), 'access_denied', message);
    expect(await domain.roles.find(administratorRole)).toMatchObject({
      permissions: ['writ.administer'],
    });
  });

  describe('a caller that lacks a scope of a role', () => {
    const lesser = callerWithout('keys:read');
    const withScopes = (apiScopes: string[], name = unique('keeper')) =>
      domain.roles.set(all, { name, permissions: [], apiScopes, secondFactorWithinDays: 0 });
    const refused = (run: Promise<unknown>) => expectRefused(run, 'access_denied', 'keys:read');

    test('can neither weaken its policy for second factors, nor change it otherwise, nor delete it', async () => {
      const role = await withScopes(['audit:read', 'keys:read']);
      const { name } = role;
      const set = (given: object) =>
        domain.roles.set(lesser, { name, permissions: [], ...given }) as Promise<unknown>;
      await refused(set({ secondFactorWithinDays: null }));
      await refused(set({ permissions: ['things.read'] }));
      await refused(set({ apiScopes: ['audit:read'] }));
      await refused(domain.roles.delete(lesser, name));
      expect(await domain.roles.find(name)).toEqual(role);
      // What changes nothing is no change.
      expect(await set({})).toEqual(role);
      expect(await domain.roles.delete(all, name)).toBe(true);
    });

    test('can change and delete other roles', async () => {
      const { name } = await withScopes(['audit:read']);
      const changed = { name, permissions: ['things.read'], secondFactorWithinDays: null };
      expect(await domain.roles.set(lesser, changed)).toMatchObject({
        api_scopes: ['audit:read'],
        second_factor_within_days: null,
      });
      await refused(domain.roles.set(lesser, { ...changed, apiScopes: ['keys:read'] }));
      expect(await domain.roles.delete(lesser, name)).toBe(true);
    });
  });

  test('a role that everyone who registers gets has no scopes of this API', async () => {
    const name = unique('newcomer');
    const registration = { mode: 'open', domains: [], roles: [name] } as const;
    const open = await openDomain(database(), keyring, undefined, { registration });
    const set = (given: object) => open.roles.set(all, { name, permissions: [], ...given });
    await expectRefused(set({ apiScopes: ['apps:read'] }), 'conflict', 'REGISTRATION_ROLES');
    expect(await set({})).toMatchObject({ api_scopes: [] });
    await expectRefused(set({ apiScopes: ['apps:read'] }), 'conflict', 'REGISTRATION_ROLES');
    expect(
      await domain.roles.set(all, { name, permissions: [], apiScopes: ['apps:read'] }),
    ).toEqual(expect.objectContaining({ api_scopes: ['apps:read'] }));
  });

  test('Writ’s own API cannot be changed', async () => {
    const own = apiResource(issuer);
    const message = `${own} is Writ's own API. It cannot be changed or deleted.`;
    await expectRefused(domain.resources.update(own, { name: 'Mine' }), 'access_denied', message);
    await expectRefused(domain.resources.delete(own), 'access_denied', message);
    expect(await domain.resources.find(own)).toMatchObject({ name: 'Writ account and apps API' });
  });

  test('the operator’s API key can only be revoked by a request that presents it', async () => {
    const { value } = await issueApiKey(database().kysely, {
      clientId: operatorClientId,
      name: unique('operator'),
      scopes: ['tokens:write'],
    });
    const id = publicId(parseToken(value)?.id as TokenId);
    const operator = {
      kind: 'operator',
      clientId: operatorClientId,
      mayChooseClient: true,
      mayChooseAppClient: true,
      manager: serverActor,
    } as const;
    await expectRefused(
      domain.namedTokens.revoke(operator, id),
      'access_denied',
      'only by a request that presents it',
    );
    await domain.namedTokens.revoke({ ...operator, tokenId: id }, id);
    expect((await domain.namedTokens.find(operator, id)).status).toBe('revoked');
  });
});
