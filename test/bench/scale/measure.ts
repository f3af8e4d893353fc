// What a run does: fills a database, measures one server on it in rounds, and watches the work that could block it.
import * as path from 'node:path';
import { endpoints } from '../../../src/oauth/paths.ts';
import { spawnServer } from '../../support/server-process.ts';
import { type LoadMaker, startLoadMaker } from '../programs.ts';
import { median } from '../rounds.ts';
import { clientCredentials, introspection, type Request, scope } from '../scenario.ts';
import { startStores } from '../stores.ts';
import { cpuOf, residentOf } from '../usage.ts';
import { operatorOf, setUp } from '../writ.ts';
import { type Costs, coresOf } from './model.ts';
import type { ScaleOptions } from './options.ts';
import { openScaleDatabase } from './seed.ts';

/** Tokens that are asked for again and again, which Postgres keeps in memory. */
export const few = 20_000;

/** Times are in milliseconds, CPU in microseconds a request. */
export interface Figures {
  perSecond: number;
  p50: number;
  p99: number;
  server: number;
  stores: number;
  errors: number;
}

/** A point at which the model is compared with the machine, in busy cores. */
export interface Point {
  what: string;
  predicted: { server: number; stores: number };
  measured: { server: number; stores: number };
}

export interface ScaleResult {
  rows: { what: string; figures: Figures }[];
  costs: Costs;
  bytesOfRow: number;
  bytesOfIndexes: number;
  points: Point[];
  /** While each of these ran, introspection by one connection: the longest request beside its p99 before. */
  beside: {
    what: string;
    took: number;
    p99: number;
    p99Before: number;
    writes: number | undefined;
  }[];
  soak: { minute: number; megabytes: number; perSecond: number; p99: number; errors: number }[];
}

const resource = 'https://scale.bench.test';

export async function measureScale(
  directory: string,
  options: ScaleOptions,
  say: (text: string) => void,
): Promise<ScaleResult> {
  const { live, expired, ofClient, rounds, seconds, connections, soak } = options;
  const closers: (() => Promise<unknown>)[] = [];
  const kept = <Part extends { stop(): Promise<unknown> }>(part: Part): Part => {
    closers.push(part.stop);
    return part;
  };
  try {
    const stores = kept(await startStores());
    const [load, second] = [kept(startLoadMaker()), kept(startLoadMaker())];
    const env = await setUp(path.join(directory, 'writ'), stores);
    const server = kept(await spawnServer({ env, file: 'bin/writ.js' }));
    const { api } = operatorOf(server.origin, env);
    await api.createResource({ identifier: resource, scopes: [{ name: scope }], default: true });
    const ofServer = {
      token_endpoint_auth_method: 'client_secret_post',
      resources: [resource],
      resource_server_for: [resource],
    };
    const [client, other] = [await api.createClient(ofServer), await api.createClient(ofServer)];
    const database = await openScaleDatabase(stores.postgresUrl);
    closers.push(database.close);

    const port = Number(env['PORT']);
    const file = (name: string) => path.join(directory, name);
    const storeCpu = () => stores.postgresCpu() + stores.redisCpu();
    const once = async (
      maker: LoadMaker,
      request: Request,
      {
        lasting = seconds,
        callers = connections,
        checked = false,
      }: { lasting?: number; callers?: number | undefined; checked?: boolean } = {},
    ): Promise<Figures & { cores: { server: number; stores: number } }> => {
      const before = { server: cpuOf(server.pid), stores: storeCpu() };
      const outcome = await maker.run({
        ...request,
        port,
        connections: callers,
        checked,
        until: { seconds: lasting },
      });
      const used = {
        server: cpuOf(server.pid) - before.server,
        stores: storeCpu() - before.stores,
      };
      if (outcome.firstError) say(`an answer was wrong: ${outcome.firstError}`);
      return {
        perSecond: (outcome.answers / outcome.elapsed) * 1_000,
        p50: outcome.p50,
        p99: outcome.p99,
        server: used.server / outcome.answers,
        stores: used.stores / outcome.answers,
        errors: outcome.errors,
        cores: {
          server: used.server / outcome.elapsed / 1_000,
          stores: used.stores / outcome.elapsed / 1_000,
        },
      };
    };
    const inRounds = async (
      workloads: { what: string; request: Request; callers?: number }[],
    ): Promise<ScaleResult['rows']> => {
      const measured = workloads.map((workload) => ({ ...workload, each: [] as Figures[] }));
      for (let round = 0; round <= rounds; round++)
        for (const { request, callers, each } of measured) {
          const found = await once(load, request, { callers, checked: round === 0 });
          if (round > 0) each.push(found);
          else if (found.errors > 0) throw new Error('the server misbehaves');
        }
      const of = (each: Figures[], name: keyof Figures) => median(each.map((found) => found[name]));
      return measured.map(({ what, each }) => ({
        what,
        figures: {
          perSecond: of(each, 'perSecond'),
          p50: of(each, 'p50'),
          p99: of(each, 'p99'),
          server: of(each, 'server'),
          stores: of(each, 'stores'),
          errors: each.reduce((sum, { errors }) => sum + errors, 0),
        },
      }));
    };

    const introspect = (name: string) => introspection(endpoints.introspection, client, file(name));
    const issue = clientCredentials(endpoints.token, client);
    const label = (tokens: number) => tokens.toLocaleString('en');

    say(`Storing ${label(few)} tokens`);
    await database.storeLive({ clientId: client.id, resource, tokens: few, file: file('few') });
    await database.settle();
    const small = await inRounds([
      { what: `introspection, ${label(few)} live tokens`, request: introspect('few') },
      { what: `client_credentials, ${label(few)} live tokens`, request: issue },
    ]);

    say(`Storing ${label(live)} live and ${label(expired)} expired tokens`);
    await database.storeLive({ clientId: client.id, resource, tokens: live, file: file('many') });
    await database.storeExpired({ clientId: client.id, resource, tokens: expired });
    await database.storeLive({
      clientId: other.id,
      resource,
      tokens: ofClient,
      file: file('other'),
    });
    await database.settle();
    const bytes = await database.bytesOfToken();
    const large = await inRounds([
      {
        what: `introspection of ${label(few)}, ${label(live)} live tokens`,
        request: introspect('few'),
      },
      { what: `introspection of all ${label(live)}`, request: introspect('many') },
      { what: `client_credentials, ${label(live)} live tokens`, request: issue },
    ]);
    // With few requests at a time, which share no statements and are therefore the most expensive.
    const calm = await inRounds([
      { what: 'introspection by 4 connections', request: introspect('many'), callers: 4 },
      { what: 'client_credentials by 4 connections', request: issue, callers: 4 },
    ]);

    say('Measuring what a token adds to the write-ahead log');
    const before = await database.written();
    const issued = await once(load, issue);
    const logOfToken = ((await database.written()).log - before.log) / (issued.perSecond * seconds);
    const figuresOf = (rows: ScaleResult['rows'], index: number) => {
      const { server: s, stores: t } = rows[index]?.figures ?? {
        server: Number.NaN,
        stores: Number.NaN,
      };
      return { server: s, stores: t };
    };
    const costs: Costs = {
      introspection: figuresOf(calm, 0),
      issuing: figuresOf(calm, 1),
      bytesOfToken: bytes.row + bytes.indexes,
      logOfToken,
    };

    say('Comparing the model with two points');
    const points: Point[] = [];
    const few8 = await once(load, introspect('many'), { callers: 8 });
    points.push({
      what: `${label(Math.round(few8.perSecond))} introspections/s, 8 connections`,
      predicted: coresOf(costs, { introspections: few8.perSecond, issued: 0 }),
      measured: few8.cores,
    });
    const [asking, making] = await Promise.all([
      once(load, introspect('many'), { callers: 24 }),
      once(second, issue, { callers: 8 }),
    ]);
    points.push({
      what: `${label(Math.round(asking.perSecond))} introspections/s beside ${label(Math.round(making.perSecond))} tokens/s`,
      predicted: coresOf(costs, { introspections: asking.perSecond, issued: making.perSecond }),
      measured: asking.cores,
    });

    const beside: ScaleResult['beside'] = [];
    const while_ = async (what: string, work: () => Promise<unknown>, countsWrites = false) => {
      say(what);
      const quiet = await once(load, introspect('few'), { callers: 8 });
      const start = await database.written();
      const running = once(load, introspect('few'), { callers: 8 });
      const began = performance.now();
      await work();
      const took = performance.now() - began;
      const { transactions } = await database.written();
      const { p99 } = await running;
      const writes = countsWrites ? transactions - start.transactions : undefined;
      beside.push({ what, took, p99, p99Before: quiet.p99, writes });
    };
    await while_(
      `Revoking all ${label(ofClient)} tokens of a client`,
      async () => {
        const { status, text } = await api.call('DELETE', `/clients/${other.id}/tokens`);
        if (status >= 300) throw new Error(`the tokens were not revoked: ${text}`);
      },
      true,
    );
    await while_('Detaching the partitions of two past weeks', database.retire);
    await while_('Dropping them a week later', database.retireLater);

    const minutes: ScaleResult['soak'] = [];
    for (let done = 0; done < soak; done += 60) {
      if (done === 0) say(`Mixed load for ${soak} seconds`);
      const lasting = Math.min(60, soak - done);
      const [asked] = await Promise.all([
        once(load, introspect('many'), { lasting, callers: 24 }),
        once(second, issue, { lasting, callers: 8 }),
      ]);
      minutes.push({
        minute: minutes.length + 1,
        megabytes: residentOf(server.pid),
        perSecond: asked.perSecond,
        p99: asked.p99,
        errors: asked.errors,
      });
    }
    return {
      rows: [...small, ...large, ...calm],
      costs,
      bytesOfRow: bytes.row,
      bytesOfIndexes: bytes.indexes,
      points,
      beside,
      soak: minutes,
    };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}
