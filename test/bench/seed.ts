import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { sql } from 'kysely';
import { personalClientId } from '../../config/clients.ts';
import { lifetimes } from '../../config/lifetimes.ts';
import { loadSettings } from '../../config/settings.ts';
import type { Database, Statement } from '../../db/database.ts';
import { openBootstrap } from '../../src/boot/setup.ts';
import { createDomain } from '../../src/domain/index.ts';
import { serverActor } from '../../src/domain/roles/server-actor.ts';
import { hintOf, mintToken, parseToken, partitionFor } from '../../src/domain/tokens/value.ts';
import { logIn } from '../support/login.ts';
import type { ProcessEnvironment } from '../support/server-process.ts';
import { refreshScope, scope } from './scenario.ts';

interface Wanted {
  resource: string;
  /** Whose access tokens are introspected, how many there are to be, and a file for them, one a line. */
  machine: { clientId: string; tokens: number; file: string };
  /** Further access tokens of that client, which revocation uses up. */
  revocable: { tokens: number; file: string };
  /** As many personal access tokens, and API tokens of that client, each kind in a file of its own. */
  owned: { role: string; personal: string; api: string };
  /** Where people are logged in, how many are, and a file for their refresh tokens. */
  app: { clientId: string; logins: number; file: string };
}

/** Stores tokens past the server and its HTTP. No server may run on an embedded database meanwhile. */
export async function seed(
  env: ProcessEnvironment,
  { resource, machine, revocable, owned, app }: Wanted,
): Promise<void> {
  const { database, keyring, close } = await openBootstrap(loadSettings(env));
  try {
    const onError = (error: unknown) => {
      throw error;
    };
    const domain = await createDomain({
      database,
      product: { brand: 'Writ', issuer: 'http://localhost' },
      keyring,
      validateMetadata: () => {},
      onError,
    });
    const client = await domain.clients(machine.clientId);
    if (!client) throw new Error(`there is no client ${machine.clientId}`);
    await storeMany(database, client.id, { ...machine, resource });
    await storeMany(database, client.id, { ...revocable, resource });
    const people: string[] = [];
    for (let count = 0; count < peopleWithTokens; count++)
      people.push(
        (await domain.accounts.create(serverActor, { name: 'Ada', roles: [owned.role] })).id,
      );
    const { tokens } = machine;
    const ofClient = { ...owned, clientId: machine.clientId, file: owned.api, people: [null] };
    await insertNamedToken(database, 'api_token', { ...ofClient, tokens, resource });
    const ofPeople = { ...owned, clientId: personalClientId, file: owned.personal, people };
    await insertNamedToken(database, 'personal_access_token', { ...ofPeople, tokens, resource });
    const refreshTokens: string[] = [];
    for (let count = 0; count < app.logins; count++) {
      const login = await logIn({ domain }, app.clientId, { resource, scope: refreshScope });
      refreshTokens.push(login.refreshToken);
    }
    writeFileSync(app.file, refreshTokens.join('\n'));
    const [login] = refreshTokens.flatMap((value) => parseToken(value) ?? []);
    if (login)
      await database.query(insertLogins, [login.id.partition, app.clientId, refreshScope, tokens]);
    // What autovacuum would do within the minute, and in the middle of a round.
    await sql`vacuum (analyze)`.execute(database.kysely);
    await sql`checkpoint`.execute(database.kysely);
    await domain.lastUsed.close();
  } finally {
    await close();
  }
}

/** Rows as `domain/tokens/issue.ts` stores them, with all that is the same for all given once. */
const insert: Statement = {
  name: 'bench-seed',
  text: `insert into token (shelf, key, kind, client_id, client_epoch, app_epoch, account_epoch, grant_epoch,
      scope, audience, issued_at, expires_at)
    select i.shelf, substring($3::bytea from (i.place::integer - 1) * 16 + 1 for 16), 'access_token', $4::uuid, 0, 0, 0, 0,
      $5::text, array[$6::text], to_timestamp(i.expires_at - $7::float8), to_timestamp(i.expires_at)
    from unnest($1::integer[], $2::float8[]) with ordinality as i (shelf, expires_at, place)`,
};

/**
 * Refresh tokens of others beside those that are redeemed, as a server has them: Postgres plans for the size of a partition, and
 * learns only minutes later that one of a few rows has grown.
 */
const insertLogins: Statement = {
  name: 'bench-seed-logins',
  text: `insert into token (shelf, key, kind, client_id, client_epoch, app_epoch, account_epoch, grant_epoch, scope, issued_at, expires_at)
    select $1::integer, uuid_send(gen_random_uuid()), 'refresh_token', c.id, 0, 0, 0, 0, $3::text, now(), now() + interval '365 days'
    from client c, generate_series(1, $4::integer) where c.client_id = $2::text`,
};

/** The same for tokens that somebody made: those of people belong to an account, API tokens to a subject. */
const insertOwned: Statement = {
  name: 'bench-seed-owned',
  text: `insert into token (shelf, key, kind, client_id, account_id, client_epoch, app_epoch, account_epoch, grant_epoch,
      scope, audience, payload, name, hint, subject_type, subject_id, issued_at, expires_at)
    select 0, substring($2::bytea from (i.place::integer - 1) * 16 + 1 for 16), $1::text,
      (select id from client where client_id = $3::text), i.account_id, 0, 0, 0, 0, $4::text, array[$5::text], $6::jsonb,
      'laptop ' || i.place, i.hint, case when i.account_id is null then 'user' end,
      case when i.account_id is null then i.place::text end, now(), now() + interval '90 days'
    from unnest($7::text[], $8::uuid[]) with ordinality as i (hint, account_id, place)`,
};

const peopleWithTokens = 100;
const rowsAtOnce = 10_000;

/** Tokens that somebody made: all lie on partition 0. */
async function insertNamedToken(
  database: Database,
  kind: 'personal_access_token' | 'api_token',
  given: {
    clientId: string;
    role: string;
    tokens: number;
    file: string;
    people: (string | null)[];
    resource: string;
  },
): Promise<void> {
  const { clientId, role, tokens, file, people, resource } = given;
  const payload = people.includes(null)
    ? JSON.stringify({ attributes: { plan: 'pro' }, roles: [role] })
    : null;
  const output = openSync(file, 'w');
  for (let done = 0; done < tokens; done += rowsAtOnce) {
    const minted = Array.from({ length: Math.min(rowsAtOnce, tokens - done) }, () =>
      mintToken(kind, 0),
    );
    writeSync(output, `${minted.map(({ value }) => value).join('\n')}\n`);
    await database.query(insertOwned, [
      kind,
      Buffer.concat(minted.map(({ id }) => id.key)),
      ...[clientId, scope, resource, payload],
      minted.map(({ value }) => hintOf(value)),
      minted.map((_, index) => people[index % people.length]),
    ]);
  }
  closeSync(output);
}

/** Access tokens that were issued over their lifetime, as a server has them: they lie on five partitions. */
export async function storeMany(
  database: Database,
  client: string,
  { tokens, file, resource }: { tokens: number; file: string; resource: string },
): Promise<void> {
  const lifetime = lifetimes.accessToken;
  const now = Math.floor(Date.now() / 1000);
  const mint = () => {
    const expiresAt = now + 3_600 + Math.floor(Math.random() * (lifetime - 3_600));
    const partition = partitionFor('access_token', expiresAt - lifetime, expiresAt);
    return { expiresAt, ...mintToken('access_token', partition) };
  };
  const output = openSync(file, 'w');
  let stored: Promise<unknown> = Promise.resolve();
  for (let done = 0; done < tokens; done += rowsAtOnce) {
    const minted = Array.from({ length: Math.min(rowsAtOnce, tokens - done) }, mint);
    writeSync(output, `${minted.map(({ value }) => value).join('\n')}\n`);
    const values = [
      minted.map(({ id }) => id.partition),
      minted.map(({ expiresAt }) => expiresAt),
      Buffer.concat(minted.map(({ id }) => id.key)),
      ...[client, scope, resource, lifetime],
    ];
    // The next ones are minted while these are stored.
    await stored;
    stored = database.query(insert, values);
  }
  await stored;
  closeSync(output);
}
