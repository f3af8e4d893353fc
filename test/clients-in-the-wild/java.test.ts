// What Java programs send, recorded with Java 17.0.15, ScribeJava 8.3.3 and Nimbus' OAuth SDK 11.20: the headers without
// Host, and the body with the placeholders ID, SECRET, SCOPE, DC, RT and AT.
import { describe, expect, test } from '@jest/globals';
import { send } from '../protocol/bad-input/support.ts';
import { makeDevices } from '../protocol/device/support.ts';
import { basic } from '../support/http.ts';
import { type LoggedIn, makeLoggedIn } from '../support/logins.ts';
import { onStack } from '../support/stacks.ts';

const java = {
  'User-Agent': 'Java/17.0.15',
  Accept: 'text/html, image/gif, image/jpeg, */*; q=0.2',
  Connection: 'keep-alive',
};
const form = 'application/x-www-form-urlencoded';

interface Recorded {
  headers: Record<string, string>;
  /** ID and SECRET in a Basic header. */
  isBasic?: true;
  body: string;
}

interface Library {
  device: Recorded;
  poll: Recorded;
  refresh: Recorded;
  clientCredentials: Recorded;
}

const urlConnection = { ...java, 'Content-Type': form };
const nimbus = { ...java, 'Content-Type': `${form}; charset=UTF-8` };

const libraries: Record<string, Library> = {
  'HttpURLConnection and ScribeJava': {
    device: { headers: urlConnection, body: 'client_id=ID&scope=SCOPE' },
    poll: {
      headers: urlConnection,
      body: 'grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=DC&client_id=ID',
    },
    refresh: {
      headers: urlConnection,
      isBasic: true,
      body: 'scope=SCOPE&refresh_token=RT&grant_type=refresh_token',
    },
    clientCredentials: {
      headers: urlConnection,
      isBasic: true,
      body: 'scope=SCOPE&grant_type=client_credentials',
    },
  },
  "Nimbus' OAuth SDK": {
    device: {
      headers: { ...nimbus, Accept: 'application/json' },
      body: 'scope=SCOPE&client_id=ID',
    },
    poll: {
      headers: nimbus,
      body: 'grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=DC&client_id=ID',
    },
    refresh: {
      headers: nimbus,
      body: 'client_secret=SECRET&client_id=ID&grant_type=refresh_token&refresh_token=RT',
    },
    clientCredentials: {
      headers: nimbus,
      isBasic: true,
      body: 'grant_type=client_credentials&scope=SCOPE',
    },
  },
};

onStack((stack) => {
  const replay = async (
    path: string,
    { headers, isBasic, body }: Recorded,
    given: Record<'ID' | 'SECRET' | 'SCOPE' | 'DC' | 'RT', string>,
  ) => {
    const answer = await send(stack(), {
      path,
      headers: {
        ...headers,
        ...(isBasic && { Authorization: basic({ id: given.ID, secret: given.SECRET }) }),
      },
      body: body.replace(/\b(ID|SECRET|SCOPE|DC|RT)\b/g, (name) =>
        encodeURIComponent(given[name as keyof typeof given]),
      ),
    });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    return { status: answer.status, body: JSON.parse(answer.text) };
  };

  const none = { ID: '', SECRET: '', SCOPE: 'things:read', DC: '', RT: '' };

  describe.each(Object.entries(libraries))('requests of %s:', (_name, library) => {
    test('a device logs in; while it waits, it gets JSON', async () => {
      const { client, logins, person } = await makeDevices(stack());
      const begun = await replay('/connect/deviceauthorization', library.device, {
        ...none,
        ID: client.id,
      });
      expect(begun.status).toBe(200);
      const poll = () =>
        replay('/connect/token', library.poll, {
          ...none,
          ID: client.id,
          DC: begun.body.device_code,
        });
      expect(await poll()).toMatchObject({ status: 400, body: { error: 'authorization_pending' } });
      await logins.approve(begun.body.user_code, await person());
      expect(await poll()).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
    });

    test('a client gets a token, and an error that it can read', async () => {
      const client = await stack().api.createClient();
      const given = { ...none, ID: client.id, SECRET: client.secret };
      const ask = (changed = {}) =>
        replay('/connect/token', library.clientCredentials, { ...given, ...changed });
      expect(await ask({ SCOPE: '' })).toMatchObject({ status: 200 });
      expect(await ask({ SECRET: 'wrong' })).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
      });
      expect(await ask({ SCOPE: 'nothing:here' })).toMatchObject({
        status: 400,
        body: { error: 'invalid_scope' },
      });
    });

    test('a refresh token is redeemed', async () => {
      const { app, refreshToken }: LoggedIn = await makeLoggedIn(stack());
      const given = { ...none, ID: app.id, SECRET: app.secret, RT: refreshToken };
      expect(await replay('/connect/token', library.refresh, given)).toMatchObject({ status: 200 });
      expect(
        await replay('/connect/token', library.refresh, { ...given, RT: 'none' }),
      ).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    });
  });
});
