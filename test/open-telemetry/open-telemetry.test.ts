// Traces and metrics as a collector of OpenTelemetry gets them.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { summaryOf } from '../../src/open-telemetry/spans.ts';
import { makeParties } from '../support/parties.ts';
import { until } from '../support/process.ts';
import { onStack } from '../support/stacks.ts';
import { type Receiver, type Span, startReceiver } from './receiver.ts';

let receiver: Receiver;
const settings: Record<string, string> = {
  METRICS_PORT: '0',
  OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=acme%20west',
  OTEL_SERVICE_NAME: 'acme-login',
  OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  OTEL_BSP_SCHEDULE_DELAY: '50',
  OTEL_METRIC_EXPORT_INTERVAL: '200',
};
beforeAll(async () => {
  receiver = await startReceiver();
  settings['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.url;
});
afterAll(() => receiver.close());

const hex = (length: number) =>
  Array.from({ length }, () => Math.floor(Math.random() * 16).toString(16)).join('');

onStack((stack) => {
  /** Sends a request within a trace, and returns the spans that a collector gets of it. */
  async function spansOf(
    send: (headers: Record<string, string>) => Promise<unknown>,
  ): Promise<{ traceId: string; parent: string; server: Span; children: Span[] }> {
    const [traceId, parent] = [`1${hex(31)}`, `1${hex(15)}`];
    await send({ traceparent: `00-${traceId}-${parent}-01` });
    const found = () => receiver.spans().filter((span) => span.traceId === traceId);
    await until('the spans to arrive', async () => {
      if (!found().some(({ kind }) => kind === 2)) throw new Error('not yet');
    });
    const spans = found();
    const server = spans.find(({ kind }) => kind === 2) as Span;
    return { traceId, parent, server, children: spans.filter((span) => span !== server) };
  }

  const introspect = async () => {
    const parties = await makeParties(stack());
    const token = await parties.issue();
    const { id, secret } = parties.resourceServer;
    const traced = await spansOf((headers) =>
      fetch(`${stack().origin}/connect/introspect`, {
        method: 'POST',
        headers: { ...headers, Authorization: `Basic ${btoa(`${id}:${secret}`)}` },
        body: new URLSearchParams({ token }),
      }),
    );
    return { ...traced, token, id, secret };
  };

  test('a request is a span of the trace that its caller names, with its statements as children', async () => {
    const { parent, server, children } = await introspect();
    expect(server).toMatchObject({
      parentSpanId: parent,
      name: 'POST /connect/introspect',
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/connect/introspect',
        'http.response.status_code': 200,
      },
    });
    expect(children.map(({ name }) => name)).toContain('token-lookup');
    for (const child of children) {
      expect(child).toMatchObject({ parentSpanId: server.spanId, kind: 3 });
      expect(child.startTimeUnixNano).toBeGreaterThanOrEqual(server.startTimeUnixNano);
      expect(child.endTimeUnixNano).toBeGreaterThanOrEqual(child.startTimeUnixNano);
      expect(server.endTimeUnixNano).toBeGreaterThanOrEqual(child.endTimeUnixNano);
    }
  });

  test('of requests that share a statement, each has it as a child', async () => {
    const parties = await makeParties(stack());
    const { id, secret } = parties.resourceServer;
    // Different tokens, because one is looked up once.
    const tokens = await Promise.all(Array.from({ length: 8 }, () => parties.issue()));
    const all = await Promise.all(
      tokens.map((token) =>
        spansOf((headers) =>
          fetch(`${stack().origin}/connect/introspect`, {
            method: 'POST',
            headers: { ...headers, Authorization: `Basic ${btoa(`${id}:${secret}`)}` },
            body: new URLSearchParams({ token }),
          }),
        ),
      ),
    );
    for (const { server, children } of all) {
      expect(children.map(({ name }) => name)).toContain('token-lookup');
      expect(children.every(({ parentSpanId }) => parentSpanId === server.spanId)).toBe(true);
    }
    expect(all.every(({ server }) => server.attributes['http.response.status_code'] === 200)).toBe(
      true,
    );
  });

  test('an operation of the API has its template as route, and its changes are children', async () => {
    const { id } = await stack().api.createClient();
    const { server, children } = await spansOf((headers) =>
      stack().api.call('PATCH', `/clients/${id}`, { client_name: 'x' }, headers),
    );
    expect(server.name).toBe('PATCH /api/v1/clients/{client_id}');
    expect(children.length).toBeGreaterThan(0);
    expect(children.every(({ attributes }) => attributes['db.system.name'] !== undefined)).toBe(
      true,
    );
  });

  test('spans and metrics contain no token, secret, code, client, person or address', async () => {
    const { token, id, secret } = await introspect();
    const [code, verifier, state, invitation] = [hex(43), hex(43), hex(32), hex(32)];
    const visit = (page: string) =>
      spansOf((headers) => fetch(stack().origin + page, { headers, redirect: 'manual' }));
    await visit(`/invitation/${invitation}?email=ada%40example.com`);
    await visit(`/connect/authorize?client_id=${id}&response_type=code&state=${state}`);
    await visit(`/api/v1/clients/${id}`);
    await spansOf((headers) =>
      fetch(`${stack().origin}/connect/token?client_secret=${secret}`, {
        method: 'POST',
        headers: { ...headers, Authorization: `Basic ${btoa(`${id}:${secret}`)}` },
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          code,
          code_verifier: verifier,
          redirect_uri: 'https://app.test/cb',
        }),
      }),
    );
    await until('metrics to arrive', async () => {
      if (receiver.metrics().size === 0) throw new Error('not yet');
    });
    const all = receiver.received.map(({ bytes }) => bytes.toString('latin1')).join('\n');
    expect(all).toContain('/connect/token');
    for (const secretOrPersonal of [token, id, secret, code, verifier, state, invitation])
      expect(all).not.toContain(secretOrPersonal);
    for (const personal of ['127.0.0.1', '::1', 'example.com', 'app.test'])
      expect(all).not.toContain(personal);
  });

  test('a request that its caller does not sample has no span, and its response is the same', async () => {
    const traceId = `1${hex(31)}`;
    const response = await fetch(`${stack().origin}/.well-known/openid-configuration`, {
      headers: { traceparent: `00-${traceId}-1${hex(15)}-00` },
    });
    expect(response.status).toBe(200);
    await introspect();
    expect(receiver.spans().filter((span) => span.traceId === traceId)).toEqual([]);
  });

  test('a header that is no traceparent is ignored', async () => {
    for (const traceparent of [
      'ff-11111111111111111111111111111111-1111111111111111-01',
      '00-00000000000000000000000000000000-1111111111111111-01',
      `00-1${'1'.repeat(31)}-1111111111111111-01-more`,
      'x',
    ]) {
      const response = await fetch(`${stack().origin}/.well-known/openid-configuration`, {
        headers: { traceparent },
      });
      expect(response.status).toBe(200);
    }
    const { parent, server } = await introspect();
    expect(server.parentSpanId).toBe(parent);
    expect(receiver.spans().some(({ parentSpanId }) => parentSpanId === '1111111111111111')).toBe(
      false,
    );
  });

  test('the lines of a traced request have the trace in the log', async () => {
    const { traceId, server } = await introspect();
    const line = stack()
      .logged()
      .split('\n')
      .find((each) => each.includes('request finished') && each.includes(traceId));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      trace_id: traceId,
      path: '/connect/introspect',
    });
    expect(server.traceId).toBe(traceId);
  });

  test('what is exported names the service, its version and its instance', async () => {
    await introspect();
    const expected = {
      'service.name': 'acme-login',
      'service.version': expect.any(String),
      'service.instance.id': expect.any(String),
      'deployment.environment.name': 'test',
    };
    expect(receiver.resources('/v1/traces').at(-1)).toMatchObject(expected);
    await until('metrics to arrive', async () => {
      if (receiver.metrics().size === 0) throw new Error('not yet');
    });
    expect(receiver.resources('/v1/metrics').at(-1)).toMatchObject(expected);
    expect(receiver.received[0]?.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'x-tenant': 'acme west',
    });
  });

  test('the metrics of /metrics are exported with the same values', async () => {
    const scrape = async () => {
      const url = /"url":"(http:\/\/localhost:\d+\/metrics)"/.exec(stack().logged())?.[1] ?? '';
      return (await fetch(url)).text();
    };
    await introspect();
    const counted = (text: string) =>
      Number(/^writ_introspections_total\{result="access_token"\} (\d+)$/m.exec(text)?.[1]);
    const expected = counted(await scrape());
    expect(expected).toBeGreaterThan(0);
    const points = () => receiver.metrics().get('writ_introspections_total')?.sum;
    await until('the export', async () => {
      expect(
        points()?.dataPoints.find(({ attributes }) => attributes['result'] === 'access_token'),
      ).toMatchObject({ asDouble: expected });
    });
    expect(points()).toMatchObject({ isMonotonic: 1, aggregationTemporality: 2 });
    const text = await scrape();
    const names = [...text.matchAll(/^(writ_[a-z_]+)[{ ]/gm)].map(([, name = '']) => name);
    const exported = [...receiver.metrics().keys()].filter((name) => name.startsWith('writ_'));
    expect(new Set(exported)).toEqual(
      new Set(names.map((name) => name.replace(/_seconds_(bucket|sum|count)$/, '_seconds'))),
    );
    const durations = receiver
      .metrics()
      .get('writ_http_request_duration_seconds')
      ?.histogram?.dataPoints.find(
        ({ attributes }) => attributes['endpoint'] === '/connect/introspect',
      );
    expect(durations?.bucketCounts?.length).toBe((durations?.explicitBounds?.length ?? 0) + 1);
    expect(durations?.bucketCounts?.reduce((sum, each) => sum + Number(each), 0)).toBe(
      Number(durations?.count),
    );
    expect(receiver.metrics().get('writ_signing_keys')?.gauge?.dataPoints.length).toBeGreaterThan(
      0,
    );
  });
}, settings);

test('the name of a statement has its verb and its table, and nothing of its text', () => {
  expect(summaryOf('select "a" from "client" where id = $1')).toBe('select client');
  expect(summaryOf("insert into audit_event (a) values ('secret')")).toBe('insert audit_event');
  expect(summaryOf('begin')).toBe('begin');
});
