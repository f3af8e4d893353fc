// A command line that logs in through a browser once (RFC 8628), and calls an API for the person from then on.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { authorizedFetch, deviceLogin, savedLogin, TokenError } from 'writ-sdk/client';

const { ISSUER, RESOURCE, API, CLIENT_ID, LOGIN_FILE = 'login.json' } = process.env;

// Written as a whole, and readable by this person only. An installed program has it in the person's configuration directory.
const store = {
  read: async () => JSON.parse(await readFile(LOGIN_FILE, 'utf8').catch(() => 'null')) ?? undefined,
  async write(tokens) {
    await writeFile(`${LOGIN_FILE}.new`, JSON.stringify(tokens), { mode: 0o600 });
    await rename(`${LOGIN_FILE}.new`, LOGIN_FILE);
  },
};

const about = { issuer: ISSUER, clientId: CLIENT_ID, resource: RESOURCE };

async function logIn() {
  const tokens = await deviceLogin({
    ...about,
    scope: 'offline_access things:read',
    onCode: ({ verificationUriComplete, userCode }) =>
      console.error(`Open ${verificationUriComplete}\nand compare the code: ${userCode}`),
  });
  await store.write(tokens);
}

const callApi = () => authorizedFetch(savedLogin({ ...about, store }))(`${API}/things`);

if (!(await store.read())) await logIn();
let response;
try {
  response = await callApi();
} catch (error) {
  // The person ended the login, or did not use it for too long.
  if (!(error instanceof TokenError) || error.code !== 'invalid_grant') throw error;
  await logIn();
  response = await callApi();
}
if (!response.ok) throw new Error(`The API answered ${response.status}.`);
console.log(JSON.stringify(await response.json()));
