/**
 * OPENTELEMETRY: traces and metrics over OTLP/HTTP, by the standard environment variables. This folder is loaded only if they
 * name something to export to. It writes OTLP itself: for the same spans the packages of OpenTelemetry use more than twice the CPU
 * (8 µs of an introspection, before anything is sent), and they are 28 MB to install.
 */
import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { OpenTelemetryChoice } from '../../config/open-telemetry.ts';
import type { Log } from '../http/log.ts';
import { throttledReport } from '../http/throttled-report.ts';
import type { Metrics } from '../metrics/index.ts';
import { createClock, headOf, originOf } from './common.ts';
import { encodeMetrics } from './metrics.ts';
import { createRouteNames } from './routes.ts';
import { createSampling } from './sampling.ts';
import { createSender, type Sender } from './sender.ts';
import { createSpanQueue } from './span-queue.ts';
import { createRequestSpans, recordCalls } from './spans.ts';

interface Dependencies {
  choice: OpenTelemetryChoice;
  version: string;
  /** The paths of the OpenAPI document. */
  apiPaths: Iterable<string>;
  /** The endpoint of a path that is not in it. */
  endpointOf: (path: string) => string;
  /** What is exported, if metrics are. */
  metrics: Pick<Metrics, 'read'> | undefined;
  log: Log;
}

export interface OpenTelemetry {
  /** Returns a handler that traces the requests of another. */
  trace(handler: RequestListener): RequestListener;
  /** Exports what is left, for three seconds at most. */
  close(): Promise<void>;
}

/** Milliseconds that a stop waits for the last messages. */
const lastMessages = 3_000;

/** Begins to export. Throws SettingsError if a file that a variable names cannot be read. */
export async function openOpenTelemetry({
  choice,
  version,
  apiPaths,
  endpointOf,
  metrics,
  log,
}: Dependencies): Promise<OpenTelemetry> {
  const timeOf = createClock();
  const resource = {
    'service.instance.id': randomUUID(),
    'service.version': version,
    'telemetry.sdk.language': 'nodejs',
    ...choice.resource,
  };
  const origin = originOf(resource, version);
  const senders: Sender[] = [];
  const finishers: (() => Promise<unknown>)[] = [];
  let trace: OpenTelemetry['trace'] = (handler) => handler;

  if (choice.traces) {
    const { target, sampler, ...limits } = choice.traces;
    const sender = await createSender(target);
    senders.push(sender);
    const onProblem = throttledReport((reason) =>
      log.warn({ reason }, 'traces could not be exported'),
    );
    const queue = createSpanQueue({ origin, timeOf, send: sender.send, ...limits, onProblem });
    trace = createRequestSpans({
      isSampled: createSampling(sampler),
      routeOf: createRouteNames(apiPaths, endpointOf),
      isLogged: log.isLevelEnabled('debug'),
      add: queue.add,
    });
    const stop = recordCalls(queue.add);
    finishers.push(() => {
      stop();
      return queue.flush();
    });
  }

  if (choice.metrics && metrics) {
    const { target, interval } = choice.metrics;
    const sender = await createSender(target);
    senders.push(sender);
    const began = timeOf(performance.now());
    const report = throttledReport((reason) =>
      log.warn({ reason }, 'metrics could not be exported'),
    );
    let running: Promise<void> | undefined;
    const exportNow = async () => {
      const read = await metrics.read();
      const period = { began, ended: timeOf(performance.now()) };
      const encoded = encodeMetrics(read, period);
      await sender.send(Buffer.concat([headOf(origin, encoded.length), encoded]));
    };
    const exportOnce = () => {
      running ??= exportNow()
        .catch((error: Error) => report(error.message))
        .finally(() => {
          running = undefined;
        });
      return running;
    };
    const timer = setInterval(exportOnce, interval).unref();
    finishers.push(async () => {
      clearInterval(timer);
      await running;
      await exportOnce();
    });
  }

  log.info(
    { traces: choice.traces !== undefined, metrics: choice.metrics !== undefined },
    'OpenTelemetry is on',
  );
  return {
    trace,
    async close() {
      const waited = new AbortController();
      await Promise.race([
        Promise.all(finishers.map((finish) => finish())),
        delay(lastMessages, undefined, { signal: waited.signal }).catch(() => {}),
      ]);
      waited.abort();
      for (const sender of senders) sender.close();
    },
  };
}
