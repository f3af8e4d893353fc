/** The standard environment variables of OpenTelemetry: what is exported over OTLP, and where to. */
import { validateHeaderName, validateHeaderValue } from 'node:http';

/** Where one signal goes. */
export interface OtlpTarget {
  url: string;
  headers: Readonly<Record<string, string>>;
  /** Milliseconds that one request can take. */
  timeout: number;
  isCompressed: boolean;
  /** Files in PEM of the TLS connection, each with the variable that names it. */
  files: Readonly<Partial<Record<'ca' | 'cert' | 'key', { variable: string; path: string }>>>;
}

/** Which requests are traced. */
export interface Sampler {
  /** The share of them, from 0 to 1. */
  ratio: number;
  /** Whether a caller that traces decides for its requests. */
  followsParent: boolean;
}

export interface OpenTelemetryChoice {
  /** Undefined if traces are not exported. */
  traces:
    | {
        target: OtlpTarget;
        sampler: Sampler;
        /** Milliseconds until a span is sent. */
        delay: number;
        /** Spans of one message, and those that wait at most. */
        batchSize: number;
        maxQueued: number;
      }
    | undefined;
  /** Undefined if metrics are not exported. */
  metrics: { target: OtlpTarget; interval: number } | undefined;
  /** Attributes of the process, beside its version and its instance. */
  resource: Readonly<Record<string, string>>;
  /** One sentence each, which begins with the name of the variable. */
  problems: string[];
}

type Environment = Readonly<Record<string, string | undefined>>;
type Signal = 'TRACES' | 'METRICS';
type Check = (read: number) => boolean;

/** The longest time of a timer, in milliseconds. */
const maxWhole = 2 ** 31 - 1;
const isWhole: Check = (read) => Number.isInteger(read) && read >= 1 && read <= maxWhole;
const isShare: Check = (read) => read >= 0 && read <= 1;

/** The ratio of each sampler; undefined if OTEL_TRACES_SAMPLER_ARG has it. */
const samplers: Readonly<Record<string, number | undefined>> = {
  always_on: 1,
  always_off: 0,
  traceidratio: undefined,
};

/** Reads what to export: nothing, unless an endpoint or the exporter is named. */
export function readOpenTelemetry(environment: Environment): OpenTelemetryChoice {
  const value = (name: string) => environment[name]?.trim() || undefined;
  // Repeated for both signals.
  const problems = new Set<string>();

  /** The first of these variables that is set. */
  const first = (...names: string[]) => names.find(value) ?? names.at(-1) ?? '';
  const ofSignal = (signal: Signal, name: string) =>
    first(`OTEL_EXPORTER_OTLP_${signal}_${name}`, `OTEL_EXPORTER_OTLP_${name}`);

  const choose = <Choice extends string>(
    name: string,
    choices: readonly Choice[],
    fallback: Choice,
  ): Choice => {
    const given = value(name) ?? fallback;
    const found = choices.find((choice) => choice === given);
    if (found === undefined)
      problems.add(`${name}: must be ${choices.join(' or ')}; it is ${JSON.stringify(given)}`);
    return found ?? fallback;
  };

  const number = (name: string, fallback: number, what: string, isValid: Check): number => {
    const read = Number(value(name) ?? fallback);
    if (isValid(read)) return read;
    problems.add(`${name}: must be ${what}`);
    return fallback;
  };
  const whole = (name: string, fallback: number) =>
    number(name, fallback, `a whole number from 1 to ${maxWhole}`, isWhole);

  /** `name=value,name=value`, percent-encoded. The values can be secrets, so no problem repeats them. */
  const pairs = (name: string): Record<string, string> => {
    const found: Record<string, string> = {};
    for (const pair of (value(name) ?? '').split(',').filter((each) => each.trim() !== '')) {
      const at = pair.indexOf('=');
      const key = pair.slice(0, Math.max(0, at)).trim();
      try {
        if (key === '') throw new URIError('no name');
        found[decodeURIComponent(key)] = decodeURIComponent(pair.slice(at + 1).trim());
      } catch {
        problems.add(`${name}: must be name=value pairs, separated by commas and percent-encoded`);
      }
    }
    return found;
  };

  /** Pairs that are sent as headers. */
  const headers = (name: string): Record<string, string> => {
    const given = pairs(name);
    try {
      for (const [header, content] of Object.entries(given)) {
        validateHeaderName(header);
        validateHeaderValue(header, content);
      }
    } catch {
      problems.add(`${name}: must be names and values that headers of HTTP can have`);
    }
    return given;
  };

  const readTarget = (signal: Signal): OtlpTarget | undefined => {
    const endpoint = ofSignal(signal, 'ENDPOINT');
    const isNamed = value(endpoint) !== undefined;
    const exporter = `OTEL_${signal}_EXPORTER`;
    if (choose(exporter, ['otlp', 'none'], isNamed || value(exporter) ? 'otlp' : 'none') === 'none')
      return undefined;
    choose(ofSignal(signal, 'PROTOCOL'), ['http/protobuf'], 'http/protobuf');
    const base = value(endpoint) ?? 'http://localhost:4318';
    // Not repeated: an endpoint can contain a password.
    if (!/^https?:\/\//i.test(base) || !URL.canParse(base))
      problems.add(`${endpoint}: must be a URL with http or https`);
    const files: Record<string, { variable: string; path: string }> = {};
    for (const [file, name] of [
      ['ca', 'CERTIFICATE'],
      ['cert', 'CLIENT_CERTIFICATE'],
      ['key', 'CLIENT_KEY'],
    ] as const) {
      const variable = ofSignal(signal, name);
      const path = value(variable);
      if (path !== undefined) files[file] = { variable, path };
    }
    return {
      url: endpoint.includes(signal)
        ? base
        : `${base.replace(/\/$/, '')}/v1/${signal.toLowerCase()}`,
      headers: {
        ...headers('OTEL_EXPORTER_OTLP_HEADERS'),
        ...headers(`OTEL_EXPORTER_OTLP_${signal}_HEADERS`),
      },
      timeout: whole(ofSignal(signal, 'TIMEOUT'), 10_000),
      isCompressed: choose(ofSignal(signal, 'COMPRESSION'), ['none', 'gzip'], 'none') === 'gzip',
      files,
    };
  };

  const readSampler = (): Sampler => {
    const name = 'OTEL_TRACES_SAMPLER';
    const known = Object.keys(samplers).flatMap((each) => [each, `parentbased_${each}`]);
    const sampler = choose(name, known, 'parentbased_always_on');
    const ratio = samplers[sampler.replace('parentbased_', '')];
    return {
      ratio: ratio ?? number(`${name}_ARG`, 1, 'a number from 0 to 1', isShare),
      followsParent: sampler.startsWith('parentbased_'),
    };
  };

  const isDisabled = value('OTEL_SDK_DISABLED')?.toLowerCase() === 'true';
  const traces = isDisabled ? undefined : readTarget('TRACES');
  const metrics = isDisabled ? undefined : readTarget('METRICS');
  if (!traces && !metrics)
    return { traces: undefined, metrics: undefined, resource: {}, problems: [...problems] };
  const serviceName = value('OTEL_SERVICE_NAME');
  return {
    traces: traces && {
      target: traces,
      sampler: readSampler(),
      delay: whole('OTEL_BSP_SCHEDULE_DELAY', 5_000),
      batchSize: whole('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512),
      maxQueued: whole('OTEL_BSP_MAX_QUEUE_SIZE', 2_048),
    },
    metrics: metrics && {
      target: metrics,
      interval: whole('OTEL_METRIC_EXPORT_INTERVAL', 60_000),
    },
    resource: {
      'service.name': 'writ',
      ...pairs('OTEL_RESOURCE_ATTRIBUTES'),
      ...(serviceName !== undefined && { 'service.name': serviceName }),
    },
    problems: [...problems],
  };
}
