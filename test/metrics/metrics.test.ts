// What an operator's Prometheus reads, and what the dashboard and the alerts that we ship make of it.
import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import * as http from 'node:http';
import * as path from 'node:path';
import { expect, test } from '@jest/globals';
import { isObserved } from '../../db/statement-channel.ts';
import { introspected, tokenIssued } from '../../src/telemetry/channels.ts';
import { currentTraces } from '../../src/telemetry/traces.ts';
import { askForMetrics, supervisorMetrics } from '../../src/workers/metrics.ts';
import { makeParties } from '../support/parties.ts';
import { onStack } from '../support/stacks.ts';

test('without METRICS_PORT nothing observes what the server does', () => {
  expect([tokenIssued.isObserved, introspected.isObserved]).toEqual([false, false]);
});

test('a worker is asked for its metrics until it responds or ends, and nothing of the question stays', async () => {
  const worker = new EventEmitter();
  const answered = askForMetrics(worker, 1, () => {});
  const unanswered = askForMetrics(worker, 2, () => {});
  worker.emit('message', { type: 'metrics', id: 1, text: 'some' });
  expect(await answered).toBe('some');
  worker.emit('exit');
  expect(await unanswered).toBeUndefined();
  expect(worker.eventNames()).toEqual([]);
});

onStack(
  (stack) => {
    const url = () => /"url":"(http:\/\/localhost:\d+\/metrics)"/.exec(stack().logged())?.[1] ?? '';

    /** All series, by name and labels. */
    async function scrape(): Promise<Map<string, number>> {
      const response = await fetch(url());
      expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
      const lines = (await response.text()).split('\n').filter((line) => /^[a-z]/.test(line));
      return new Map(
        lines.map((line) => {
          const at = line.lastIndexOf(' ');
          return [line.slice(0, at), Number(line.slice(at + 1))];
        }),
      );
    }

    /** What `work` adds to the series. */
    async function added(work: () => Promise<unknown>): Promise<(series: string) => number> {
      const before = await scrape();
      await work();
      const after = await scrape();
      return (series) => (after.get(series) ?? 0) - (before.get(series) ?? 0);
    }

    test('tokens, introspections, refusals and requests are counted by kind', async () => {
      const parties = await makeParties(stack(), { format: 'jwt' });
      const by = await added(async () => {
        const token = await parties.issue();
        await stack().introspect(token, parties.resourceServer);
        await stack().introspect(`${token}x`, parties.resourceServer);
        await stack().post('/connect/token', {
          grant_type: 'client_credentials',
          client_id: parties.resourceServer.id,
          client_secret: 'wrong',
        });
      });
      expect(by('writ_tokens_issued_total{kind="access_token",format="jwt"}')).toBe(1);
      expect(by('writ_introspections_total{result="access_token"}')).toBe(1);
      expect(by('writ_introspections_total{result="inactive"}')).toBe(1);
      expect(by('writ_refusals_total{error="invalid_client",authentication="true"}')).toBe(1);
      const token = 'endpoint="/connect/token",method="POST"';
      expect(by(`writ_http_requests_total{${token},status="200"}`)).toBe(1);
      expect(by(`writ_http_requests_total{${token},status="401"}`)).toBe(1);
      expect(by('writ_http_request_duration_seconds_count{endpoint="/connect/introspect"}')).toBe(
        2,
      );
    });

    test('requests to the API are counted by the kind of thing', async () => {
      const by = await added(async () => {
        const { id } = await stack().api.createClient();
        await stack().api.call('GET', `/clients/${id}`);
      });
      const clients = 'endpoint="/api/v1/clients"';
      expect(by(`writ_http_requests_total{${clients},method="POST",status="201"}`)).toBe(1);
      expect(by(`writ_http_requests_total{${clients},method="GET",status="200"}`)).toBe(1);
    });

    test('callers cannot create series: unknown paths and methods are one each', async () => {
      const unusual = (method: string, target: string) =>
        new Promise<void>((resolve, reject) => {
          const { hostname, port } = new URL(stack().origin);
          const request = http.request({ hostname, port, method, path: target }, (response) => {
            response.resume().on('end', resolve);
          });
          request.on('error', reject).end();
        });
      const names = async () =>
        [...(await scrape()).keys()].filter((name) => /http_req/.test(name));
      await unusual('GET', '/nowhere/at/all');
      await unusual('PROPFIND', '/nowhere');
      const before = await names();
      for (const target of ['/a', '/b/c', '/api/v1/none', '/connect/none', '/.well-known/x'])
        await unusual('GET', target);
      await unusual('SEARCH', '/nowhere');
      expect(await names()).toEqual(before);
      expect(before.join('\n')).not.toContain('nowhere');
    });

    test('without the variables of OpenTelemetry no statement is observed', async () => {
      await makeParties(stack());
      expect([isObserved(), currentTraces()]).toEqual([false, []]);
    });

    test('a limit that is reached is counted under its name', async () => {
      const { resourceServer } = await makeParties(stack());
      const by = await added(async () => {
        for (let attempt = 0; attempt < 4; attempt++)
          await stack().post('/connect/token', {
            grant_type: 'client_credentials',
            client_id: resourceServer.id,
            client_secret: 'wrong',
          });
      });
      expect(by('writ_limits_reached_total{limit="client_authentication.client"}')).toBe(1);
    });

    test('the stores are described: partitions, keys, mails, notices and changes', async () => {
      const series = await scrape();
      expect(series.get('writ_store_metrics_up')).toBe(1);
      expect(series.get('writ_token_partitions_ahead')).toBeGreaterThan(50);
      expect(series.get('writ_token_partitions{state="detached"}')).toBe(0);
      expect(series.get('writ_signing_keys{alg="ES256",state="signing"}')).toBe(1);
      expect(series.get('writ_signing_key_age_seconds{alg="ES256"}')).toBeGreaterThan(0);
      expect(series.get('writ_mails_waiting{state="new"}')).toBe(0);
      expect(series.get('writ_logout_notices_waiting{state="delayed"}')).toBe(0);
      expect(series.has('writ_change_number')).toBe(true);
    });

    test('no metric names a client, a person or an address', async () => {
      const { resourceServer, issue } = await makeParties(stack());
      await stack().introspect(await issue(), resourceServer);
      const text = await (await fetch(url())).text();
      for (const secret of [resourceServer.id, resourceServer.secret, '127.0.0.1', '::1'])
        expect(text).not.toContain(secret);
    });

    test('the port of the metrics serves nothing else, and the issuer serves no metrics', async () => {
      const { origin } = new URL(url());
      expect((await fetch(`${origin}/connect/token`)).status).toBe(404);
      expect((await fetch(url(), { method: 'POST' })).status).toBe(405);
      expect((await stack().get('/metrics')).status).toBe(404);
    });

    test('docs/metrics.md names every metric of ours, and none that is not there', async () => {
      const page = await readFile(path.join(import.meta.dirname, '../../docs/metrics.md'), 'utf8');
      const exported = await (await fetch(url())).text();
      const names = (text: string, pattern: RegExp) =>
        [...new Set([...text.matchAll(pattern)].map(([, name]) => name))].toSorted();
      const ofWorkers = supervisorMetrics({
        count: 0,
        now: { starting: 0, ready: 0, leaving: 0 },
        failed: 0,
        replaced: 0,
      });
      expect(names(page, /`(writ_[a-z_]+)`/g)).toEqual(
        names(exported + ofWorkers, /^# TYPE (writ_\S+)/gm),
      );
    });

    test('every alert has a section in the runbook', async () => {
      const read = (file: string) =>
        readFile(path.join(import.meta.dirname, '../..', file), 'utf8');
      const alerts = (await read('deploy/prometheus/alerts.yml')).matchAll(/alert: (\w+)/g);
      const page = await read('docs/metrics.md');
      for (const [, alert] of alerts) expect(page).toContain(`### ${alert}\n`);
    });

    test('every metric that the dashboard and the alerts name is exported', async () => {
      const directory = path.join(import.meta.dirname, '../../deploy/prometheus');
      const exported = await (await fetch(url())).text();
      for (const file of ['dashboard.json', 'alerts.yml']) {
        const named = new Set(
          (await readFile(path.join(directory, file), 'utf8')).match(
            /\b(?:writ|nodejs|process)_[a-z_]+\b/g,
          ),
        );
        expect(named.size).toBeGreaterThan(5);
        for (const name of named)
          expect(exported).toContain(`# TYPE ${name.replace(/_(bucket|count|sum)$/, '')} `);
      }
    });
  },
  { METRICS_PORT: '0', LIMITS: 'client_authentication.client=3/3600' },
);
