// Reads OTLP messages by the definitions of opentelemetry-proto, independently of how Writ writes them.

/** A message: the name and type of each field by its number. */
interface Definition {
  [field: number]: [name: string, type: Type];
}
type Type =
  | 'string'
  | 'hex'
  | 'int'
  | 'fixed64'
  | 'fixed32'
  | 'double'
  | 'packed fixed64'
  | 'packed double'
  | Definition
  | [Definition];

const anyValue: Definition = {
  1: ['stringValue', 'string'],
  2: ['boolValue', 'int'],
  3: ['intValue', 'int'],
  4: ['doubleValue', 'double'],
};
const keyValues: [Definition] = [{ 1: ['key', 'string'], 2: ['value', anyValue] }];
const resource: Definition = { 1: ['attributes', keyValues] };
const scope: Definition = { 1: ['name', 'string'], 2: ['version', 'string'] };

const span: Definition = {
  1: ['traceId', 'hex'],
  2: ['spanId', 'hex'],
  3: ['traceState', 'string'],
  4: ['parentSpanId', 'hex'],
  5: ['name', 'string'],
  6: ['kind', 'int'],
  7: ['startTimeUnixNano', 'fixed64'],
  8: ['endTimeUnixNano', 'fixed64'],
  9: ['attributes', keyValues],
  15: ['status', { 2: ['message', 'string'], 3: ['code', 'int'] }],
  16: ['flags', 'fixed32'],
};

const numberDataPoint: [Definition] = [
  {
    2: ['startTimeUnixNano', 'fixed64'],
    3: ['timeUnixNano', 'fixed64'],
    4: ['asDouble', 'double'],
    7: ['attributes', keyValues],
  },
];
const histogramDataPoint: [Definition] = [
  {
    2: ['startTimeUnixNano', 'fixed64'],
    3: ['timeUnixNano', 'fixed64'],
    4: ['count', 'fixed64'],
    5: ['sum', 'double'],
    6: ['bucketCounts', 'packed fixed64'],
    7: ['explicitBounds', 'packed double'],
    9: ['attributes', keyValues],
  },
];
const metric: Definition = {
  1: ['name', 'string'],
  2: ['description', 'string'],
  5: ['gauge', { 1: ['dataPoints', numberDataPoint] }],
  7: [
    'sum',
    {
      1: ['dataPoints', numberDataPoint],
      2: ['aggregationTemporality', 'int'],
      3: ['isMonotonic', 'int'],
    },
  ],
  9: ['histogram', { 1: ['dataPoints', histogramDataPoint], 2: ['aggregationTemporality', 'int'] }],
};

const requestOf = (resources: string, scopes: string, items: string, item: Definition) =>
  ({
    1: [
      resources,
      [{ 1: ['resource', resource], 2: [scopes, [{ 1: ['scope', scope], 2: [items, [item]] }]] }],
    ],
  }) satisfies Definition;

const requests: Readonly<Record<string, Definition>> = {
  '/v1/traces': requestOf('resourceSpans', 'scopeSpans', 'spans', span),
  '/v1/metrics': requestOf('resourceMetrics', 'scopeMetrics', 'metrics', metric),
};

// biome-ignore lint/suspicious/noExplicitAny: a test asserts what is in it
export type Message = any;

function read(bytes: Buffer, definition: Definition): Message {
  const message: Message = {};
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value += BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(value);
    }
  };
  const take = (length: number) => {
    if (at + length > bytes.length) throw new Error('a field is longer than its message');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const each = (part: Buffer, get: (offset: number) => unknown) =>
    Array.from({ length: part.length / 8 }, (_, index) => get(8 * index));
  while (at < bytes.length) {
    const tag = varint();
    const [name, type] = definition[Math.floor(tag / 8)] ?? [];
    if (name === undefined || type === undefined) throw new Error(`no field ${tag / 8}`);
    const expect = (wire: number) => {
      if (tag % 8 !== wire) throw new Error(`${name} has the wire type ${tag % 8}`);
    };
    if (type === 'int') {
      expect(0);
      message[name] = varint();
    } else if (type === 'fixed64' || type === 'double') {
      expect(1);
      const part = take(8);
      message[name] = type === 'double' ? part.readDoubleLE() : part.readBigUInt64LE();
    } else if (type === 'fixed32') {
      expect(5);
      message[name] = take(4).readUInt32LE();
    } else {
      expect(2);
      const part = take(varint());
      if (type === 'string') message[name] = new TextDecoder('utf8', { fatal: true }).decode(part);
      else if (type === 'hex') message[name] = part.toString('hex');
      else if (type === 'packed fixed64')
        message[name] = each(part, (offset) => Number(part.readBigUInt64LE(offset)));
      else if (type === 'packed double')
        message[name] = each(part, (offset) => part.readDoubleLE(offset));
      else if (Array.isArray(type)) message[name] = [...(message[name] ?? []), read(part, type[0])];
      else message[name] = read(part, type);
    }
  }
  return message;
}

/** Reads the message that was posted to a path of OTLP/HTTP. */
export function readMessage(path: string, bytes: Buffer): Message {
  const definition = requests[path];
  if (!definition) throw new Error(`OTLP has no ${path}`);
  return read(bytes, definition);
}
