// What strangers' floods cost everyone else: the time of a sign-in and of a token, quiet and while two floods run.
import * as http from 'node:http';
import bcrypt from 'bcrypt';
import { endpoints } from '../../src/oauth/paths.ts';
import { basic, type Credentials } from '../support/http.ts';
import { type ProcessEnvironment, spawnServer } from '../support/server-process.ts';
import { percentiles } from './load/latencies.ts';
import type { Options } from './options.ts';
import { makePeople, type Person } from './people.ts';
import { startStores } from './stores.ts';
import { operatorOf, setUp } from './writ.ts';

/** Connections of the stranger who begins device logins, and of the one who guesses a slow secret. */
const flooding = { devices: 16, secrets: 70 };

export interface Flood {
  work: 'sign-in' | 'client_credentials';
  /** Milliseconds. */
  quiet: number;
  flooded: number;
  errors: number;
}

interface Sent {
  path: string;
  form: Record<string, string>;
  headers?: http.OutgoingHttpHeaders;
}

/** Sends a form on a connection that is kept; gives status, headers and body. */
function send(agent: http.Agent, port: number, { path, form, headers }: Sent) {
  const body = new URLSearchParams(form).toString();
  return new Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string }>(
    (resolve, reject) => {
      const request = http.request(
        { agent, port, path, method: body ? 'POST' : 'GET' },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (part) => {
            text += part;
          });
          answer.on('end', () =>
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }),
          );
        },
      );
      request.on('error', reject);
      for (const [name, value] of Object.entries(headers ?? {}))
        if (value !== undefined) request.setHeader(name, value);
      if (body) request.setHeader('content-type', 'application/x-www-form-urlencoded');
      request.end(body);
    },
  );
}

/** Runs loops until the time is over or until they are told to stop; gives the latencies in milliseconds. */
async function loop(
  count: number,
  goesOn: () => boolean,
  once: (index: number) => Promise<boolean>,
): Promise<{ latencies: number[]; errors: number }> {
  const latencies: number[] = [];
  let errors = 0;
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      while (goesOn()) {
        const began = performance.now();
        if (await once(index)) latencies.push(performance.now() - began);
        else errors++;
      }
    }),
  );
  return { latencies, errors };
}

/** Measures both works, quiet and flooded, in turns. */
export async function measureFloods(
  directory: string,
  { connections, seconds, rounds }: Pick<Options, 'connections' | 'seconds' | 'rounds'>,
  say: (text: string) => void,
): Promise<Flood[]> {
  say('Starting Writ for the floods');
  const stores = await startStores();
  const agent = new http.Agent({ keepAlive: true });
  try {
    const env: ProcessEnvironment = { ...(await setUp(directory, stores)), TRUST_PROXY: 'true' };
    const people = await makePeople(env, connections);
    const server = await spawnServer({ env });
    const port = Number(env['PORT']);
    const { api } = operatorOf(server.origin, env);
    const machine = await api.createClient();
    const legacy = await api.createClient();
    const hash = await bcrypt.hash('what somebody chose', 12);
    await api.call('POST', `/clients/${legacy.id}/secrets`, { hash });
    const device = await api.createClient({
      token_endpoint_auth_method: 'none',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
    });
    const works = {
      'sign-in': await signIns(agent, port, people),
      client_credentials: tokens(agent, port, machine),
    };
    const found: Flood[] = [];
    for (const [work, once] of Object.entries(works) as [
      Flood['work'],
      (typeof works)['sign-in'],
    ][]) {
      const quiet: number[] = [];
      const flooded: number[] = [];
      let errors = 0;
      for (let round = 0; round < rounds; round++)
        for (const flood of [false, true]) {
          const end = performance.now() + 1000 * seconds;
          const goesOn = () => performance.now() < end;
          const floods = flood
            ? [beginDevices(agent, port, device, goesOn), guess(agent, port, legacy, goesOn)]
            : [];
          const outcome = await loop(connections, goesOn, once);
          await Promise.all(floods);
          (flood ? flooded : quiet).push(...outcome.latencies);
          errors += outcome.errors;
        }
      say(`${work}: measured`);
      found.push({
        work,
        quiet: percentiles(quiet).p99,
        flooded: percentiles(flooded).p99,
        errors,
      });
    }
    await server.stop();
    return found;
  } finally {
    agent.destroy();
    await stores.stop();
  }
}

/** Each connection is a person at an address of their own, who signs in again and again. */
async function signIns(agent: http.Agent, port: number, people: Person[]) {
  const visits = await Promise.all(
    people.map(async ({ email, password }, index) => {
      const from = { 'x-forwarded-for': `10.1.${index >> 8}.${index & 255}` };
      const page = await send(agent, port, { path: '/sign-in', form: {}, headers: from });
      const cookie = (page.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ');
      const csrf = /name="csrf" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
      return { path: '/sign-in', form: { csrf, email, password }, headers: { ...from, cookie } };
    }),
  );
  return async (index: number) => {
    const visit = visits[index] as Sent;
    return (await send(agent, port, visit)).status === 303;
  };
}

const tokens = (agent: http.Agent, port: number, client: Credentials) => async () =>
  (
    await send(agent, port, {
      path: endpoints.token,
      form: { grant_type: 'client_credentials' },
      headers: { authorization: basic(client), 'x-forwarded-for': '10.2.0.1' },
    })
  ).status === 200;

/** A stranger who begins device logins, each with a hint of 50,000 letters. */
const beginDevices = (
  agent: http.Agent,
  port: number,
  { id }: Credentials,
  goesOn: () => boolean,
) =>
  loop(flooding.devices, goesOn, async () => {
    const form = { client_id: id, login_hint: 'h'.repeat(50_000) };
    const headers = { 'x-forwarded-for': '203.0.113.1' };
    await send(agent, port, { path: endpoints.device_authorization, form, headers });
    return true;
  });

/** A stranger who guesses a secret that only a slow hash can check. */
const guess = (agent: http.Agent, port: number, { id }: Credentials, goesOn: () => boolean) =>
  loop(flooding.secrets, goesOn, async () => {
    await send(agent, port, {
      path: endpoints.token,
      form: { grant_type: 'client_credentials' },
      headers: { authorization: basic({ id, secret: 'wrong' }), 'x-forwarded-for': '203.0.113.2' },
    });
    return true;
  });

/** A line for each work, with the ratio that has a bar of three. */
export const describeFloods = (floods: Flood[]): string =>
  [
    '| while strangers flood | quiet p99 ms | flooded p99 ms | ratio | bar | |',
    '|---|---:|---:|---:|---:|---|',
    ...floods.map(({ work, quiet, flooded }) => {
      const ratio = flooded / quiet;
      return `| ${work} | ${quiet.toFixed(1)} | ${flooded.toFixed(1)} | ${ratio.toFixed(2)} | 3.0 | ${ratio <= 3 ? 'met' : 'missed'} |`;
    }),
    ...floods
      .filter(({ errors }) => errors > 0)
      .map(({ work, errors }) => `${work}: ${errors} errors`),
  ].join('\n');
