import { beforeAll, describe, expect, test } from '@jest/globals';
import { operatorClientId } from '../../../config/clients.ts';
import { administratorRole } from '../../../config/roles.ts';
import { createKeyring } from '../../../src/crypto/sealing.ts';
import type { Domain } from '../../../src/domain/index.ts';
import { apiResource, ensureInstallation } from '../../../src/domain/installation/installation.ts';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { publicId } from '../../../src/domain/tokens/value.ts';
import { OAuthError } from '../../../src/oauth/errors.ts';
import { onEachDatabase } from '../../db/each-database.ts';
import { caller, callerWithout } from '../../support/callers.ts';
import { openDomain, operationsOf } from '../../support/domain.ts';
import { keepingSealed } from '../../support/sealed-secrets.ts';
import { unique } from '../../support/unique.ts';
import { expectRefused } from '../apps/apps.ts';

const issuer = 'https://writ.example';
const own = apiResource(issuer);
const all = caller();

/**
 * The operations are called by a face that checks nothing itself: the domain must refuse what callers are not
 * allowed to do.
 */
onEachDatabase((database) => {
  let domain: Domain;

  beforeAll(async () => {
    const keyring = keepingSealed(createKeyring(['a key of the rules of clients']));
    await ensureInstallation(database(), { issuer, keyring });
    domain = await openDomain(database(), keyring, (_clientId, { client_name }) => {
      if (client_name === 'nonsense')
        throw new OAuthError('invalid_client_metadata', 'client_name must make sense');
    });
  });

  /** A client created by the server itself, to which the rules do not apply. */
  const created = async (
    given: Partial<Parameters<Domain['registry']['create']>[1]> = {},
  ): Promise<string> => {
    const clientId = unique('client');
    const metadata = { token_endpoint_auth_method: 'client_secret_basic', ...given.metadata };
    await domain.registry.create(serverActor, { ...given, clientId, metadata });
    return clientId;
  };

  /** A client of an app; returns its `client_id`. */
  const createdInApp = async (): Promise<string> => {
    const { client } = await domain.apps.create(
      { kind: 'operator' },
      { name: unique('app'), displayName: 'Acme' },
    );
    return client.clientId;
  };

  const everyChange: [what: string, operation: string, change: (id: string) => Promise<unknown>][] =
    [
      ['update', 'registry.update', (id) => domain.registry.update(all, id, { roles: [] })],
      ['disable', 'registry.disable', (id) => domain.registry.disable(all, id)],
      ['enable', 'registry.enable', (id) => domain.registry.enable(all, id)],
      [
        'revoke the tokens of',
        'registry.revokeTokens',
        (id) => domain.registry.revokeTokens(all, id),
      ],
      ['delete', 'registry.delete', (id) => domain.registry.delete(all, id)],
      ['add a secret to', 'clientSecrets.add', (id) => domain.clientSecrets.add(all, id, {})],
      [
        'delete a secret of',
        'clientSecrets.delete',
        (id) => domain.clientSecrets.delete(all, id, 'any'),
      ],
      [
        'create a key of',
        'clientApiKeys.create',
        (id) => domain.clientApiKeys.create(all, id, { name: 'any' }),
      ],
      [
        'update a key of',
        'clientApiKeys.update',
        (id) => domain.clientApiKeys.update(all, id, 'any', {}),
      ],
      [
        'regenerate a key of',
        'clientApiKeys.regenerate',
        (id) => domain.clientApiKeys.regenerate(all, id, 'any', { overlap: 0 }),
      ],
      [
        'delete a key of',
        'clientApiKeys.delete',
        (id) => domain.clientApiKeys.delete(all, id, 'any'),
      ],
    ];

  test('every operation that changes a client is covered below for built-in clients', () => {
    const others = [
      ...['registry.list', 'registry.find', 'registry.warnings', 'registry.create'],
      ...['clientSecrets.list', 'clientApiKeys.list', 'clientApiKeys.find'],
    ];
    const listed = [...others, ...everyChange.map(([, operation]) => operation)];
    const { registry, clientSecrets, clientApiKeys } = domain;
    expect(operationsOf({ registry, clientSecrets, clientApiKeys })).toEqual(listed.sort());
  });

  test.each(everyChange)(
    'no caller can %s a built-in client',
    async (_what, _operation, change) => {
      const message = `The client ${operatorClientId} is built in and cannot be changed.`;
      await expectRefused(change(operatorClientId), 'access_denied', message);
    },
  );

  test.each(everyChange.filter(([what]) => /^(update$|add a secret|.* a key)/.test(what)))(
    'no caller can %s a client of an app',
    async (_what, _operation, change) => {
      await expectRefused(
        change(await createdInApp()),
        'conflict',
        /belongs to an app\. Use \/apps\//,
      );
    },
  );

  test('no caller can choose a reserved client_id, or one that an app could have', async () => {
    const create = (clientId: string) => domain.registry.create(all, { clientId, metadata: {} });
    await expectRefused(create('writ-more'), 'invalid_request', /is reserved/);
    await expectRefused(create('app:client'), 'invalid_request', /1 to 100 letters/);
  });

  describe('own scopes only', () => {
    const lesser = callerWithout('keys:write');
    const beyond = 'You cannot give a client scopes that you do not have: keys:write.';
    const metadata = { scope: 'keys:write' };
    const powerful = () => created({ metadata, resources: [own] });

    test('a caller cannot create a client with scopes of this API that it lacks', async () => {
      await expectRefused(
        domain.registry.create(lesser, { metadata, resources: [own] }),
        'access_denied',
        beyond,
      );
      await domain.registry.create(lesser, {
        metadata: { scope: 'clients:read' },
        resources: [own],
      });
    });

    test('nor change one that has them, add them to one, or remove them from one', async () => {
      const update = (id: string, patch: Parameters<Domain['registry']['update']>[2]) =>
        domain.registry.update(lesser, id, patch);
      await expectRefused(
        update(await powerful(), { metadata: { client_name: 'x' } }),
        'access_denied',
        beyond,
      );
      await expectRefused(
        update(await powerful(), { metadata: { scope: null } }),
        'access_denied',
        beyond,
      );
      await expectRefused(
        update(await created({ metadata }), { resources: [own] }),
        'access_denied',
        beyond,
      );
      await expectRefused(
        update(await created({ resources: [own] }), { metadata }),
        'access_denied',
        beyond,
      );
    });

    test('nor get a secret of one that has them', async () => {
      await expectRefused(
        domain.clientSecrets.add(lesser, await powerful(), {}),
        'access_denied',
        beyond,
      );
    });

    test('nor give an API key scopes that it lacks, or get the value of one that has them', async () => {
      const clientId = await created();
      const reader = callerWithout('tokens:write');
      const refused = 'You cannot give an API key scopes that you do not have: tokens:write.';
      await expectRefused(
        domain.clientApiKeys.create(reader, clientId, { name: 'all scopes by default' }),
        'access_denied',
        refused,
      );
      const { token } = await domain.clientApiKeys.create(all, clientId, { name: unique('key') });
      const [key] = await domain.clientApiKeys.list(clientId);
      expect(key?.name).toBe(token.name);
      await expectRefused(
        domain.clientApiKeys.regenerate(reader, clientId, publicId(token.id), { overlap: 0 }),
        'access_denied',
        refused,
      );
    });

    test('no caller can let a client introspect tokens of this API', async () => {
      const message = "No client can introspect tokens for Writ's own API.";
      await expectRefused(
        domain.registry.create(all, { metadata: {}, resourceServerFor: [own] }),
        'access_denied',
        message,
      );
      await expectRefused(
        domain.registry.update(all, await created(), { resourceServerFor: [own] }),
        'access_denied',
        message,
      );
    });
  });

  test('no caller can assign the administrator role to a client', async () => {
    const roles = [administratorRole];
    const message = `The role ${administratorRole} can only be assigned to accounts`;
    await expectRefused(
      domain.registry.create(all, { metadata: {}, roles }),
      'invalid_request',
      message,
    );
    await expectRefused(
      domain.registry.update(all, await created(), { roles }),
      'invalid_request',
      message,
    );
  });

  describe('metadata', () => {
    const publicOne = { token_endpoint_auth_method: 'none' };

    test('a public client cannot have the client credentials grant (RFC 6749 §4.4)', async () => {
      const grant = { grant_types: ['client_credentials'] };
      await expectRefused(
        domain.registry.create(all, { metadata: { ...publicOne, ...grant } }),
        'invalid_client_metadata',
        'A public client cannot use client_credentials, because it has no credentials.',
      );
      const { client } = await domain.registry.create(all, { metadata: publicOne });
      await expectRefused(
        domain.registry.update(all, client.client_id, { metadata: grant }),
        'invalid_client_metadata',
        'A public client cannot use client_credentials',
      );
    });

    test('has defaults for omitted fields', async () => {
      const metadataOf = async (metadata: Record<string, unknown>) =>
        (await domain.registry.create(all, { metadata })).client.metadata;
      const none = { response_types: [], redirect_uris: [] };
      expect(await metadataOf({})).toEqual({
        ...none,
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'client_secret_basic',
      });
      expect(await metadataOf(publicOne)).toEqual({ ...none, ...publicOne, grant_types: [] });
    });

    test('is validated by the protocol', async () => {
      const metadata = { client_name: 'nonsense' };
      await expectRefused(
        domain.registry.create(all, { metadata }),
        'invalid_client_metadata',
        'client_name must make sense',
      );
      await expectRefused(
        domain.registry.update(all, await created(), { metadata }),
        'invalid_client_metadata',
        'client_name must make sense',
      );
    });

    test('cannot change the authentication method to one with other credentials', async () => {
      const { client } = await domain.registry.create(all, { metadata: {} });
      const become = (method: string) =>
        domain.registry.update(all, client.client_id, {
          metadata: { token_endpoint_auth_method: method },
        });
      await expectRefused(
        become('private_key_jwt'),
        'invalid_client_metadata',
        'token_endpoint_auth_method cannot change to private_key_jwt. Create another client instead.',
      );
      expect((await become('client_secret_post'))?.metadata['token_endpoint_auth_method']).toBe(
        'client_secret_post',
      );
    });

    test('only a confidential client can have secrets and API keys', async () => {
      const clientId = await created({ metadata: publicOne });
      await expectRefused(
        domain.clientSecrets.add(all, clientId, {}),
        'invalid_request',
        'This client does not authenticate with a secret.',
      );
      await expectRefused(
        domain.clientApiKeys.create(all, clientId, { name: 'any' }),
        'invalid_request',
        /is public\. Only confidential clients can have API keys/,
      );
    });
  });

  test('a secret is imported by its value or its hash, and must not have expired', async () => {
    const clientId = await created();
    await expectRefused(
      domain.clientSecrets.add(all, clientId, { value: 'a secret', hash: '$2b$' }),
      'invalid_request',
      'Send either the secret or its hash, not both.',
    );
    await expectRefused(
      domain.clientSecrets.add(all, clientId, { expiresAt: new Date(Date.now() - 1000) }),
      'invalid_request',
      'expires_at: is in the past.',
    );
  });

  test('of two concurrent merge patches the second applies to the result of the first', async () => {
    const clientId = await created();
    await Promise.all([
      domain.registry.update(all, clientId, { metadata: { client_name: 'A name' } }),
      domain.registry.update(all, clientId, { metadata: { client_uri: 'https://client.test/' } }),
    ]);
    expect((await domain.registry.find(clientId))?.metadata).toMatchObject({
      client_name: 'A name',
      client_uri: 'https://client.test/',
    });
  });
});
