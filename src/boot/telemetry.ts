/** What is measured and exported: `/metrics` and OpenTelemetry. Their modules are loaded only where a setting asks for them. */
import type { RequestListener } from 'node:http';
import { readOpenTelemetry } from '../../config/open-telemetry.ts';
import type { Settings } from '../../config/settings.ts';
import { SettingsError } from '../../config/settings-error.ts';
import type { Log } from '../http/log.ts';
import type { createMetrics, Metrics } from '../metrics/index.ts';

type Dependencies = Omit<Parameters<typeof createMetrics>[0], 'endpointOf'> & {
  settings: Pick<Settings, 'METRICS_PORT' | 'METRICS_HOST'>;
  environment: Readonly<Record<string, string | undefined>>;
  /** The paths of the OpenAPI document. */
  apiPaths: Iterable<string>;
  log: Log;
  /** Receives what closes each opened part; to be called in reverse order. */
  onClose: (closer: () => unknown) => void;
};

interface Telemetry {
  /** Returns a handler that traces the requests of another, or that handler. */
  trace(handler: RequestListener): RequestListener;
  /** What is measured, if it is. */
  metrics: Pick<Metrics, 'text'> | undefined;
}

/** Starts what the settings and the environment ask for. Throws SettingsError. */
export async function openTelemetry({
  settings: { METRICS_PORT: port, METRICS_HOST: host },
  environment,
  apiPaths: paths,
  log,
  onClose,
  ...rest
}: Dependencies): Promise<Telemetry> {
  const choice = readOpenTelemetry(environment);
  if (choice.problems.length > 0) throw new SettingsError(choice.problems);
  const isExported = choice.traces !== undefined || choice.metrics !== undefined;
  const untraced = (handler: RequestListener) => handler;
  if (port === undefined && !isExported) return { trace: untraced, metrics: undefined };
  const { createEndpointNames } = await import('../metrics/endpoints.ts');
  const apiPaths = [...paths];
  const endpointOf = createEndpointNames(apiPaths);
  let metrics: Metrics | undefined;
  if (port !== undefined || choice.metrics) {
    const { createMetrics } = await import('../metrics/index.ts');
    metrics = createMetrics({ ...rest, endpointOf });
    onClose(metrics.close);
  }
  // Of several workers, the process that supervises them serves the metrics.
  if (port !== undefined && metrics && rest.worker === undefined) {
    const { serveMetrics } = await import('../metrics/server.ts');
    onClose((await serveMetrics({ text: metrics.text, port, host, log })).close);
  }
  if (!isExported) return { trace: untraced, metrics };
  const { openOpenTelemetry } = await import('../open-telemetry/index.ts');
  const { version } = rest;
  const opened = await openOpenTelemetry({ choice, version, apiPaths, endpointOf, metrics, log });
  onClose(opened.close);
  return { trace: opened.trace, metrics };
}
