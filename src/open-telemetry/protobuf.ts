/**
 * The wire format of Protocol Buffers, as far as OTLP needs it. Each function returns one field with its number; fields of a
 * message are written one after another.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */

/** How a value is written. */
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Writes a whole number from 0 to 2^53 - 1, and returns the position after it. */
export function writeVarint(to: Uint8Array, at: number, value: number): number {
  let rest = value;
  let position = at;
  while (rest > 0x7f) {
    to[position++] = (rest % 0x80) + 0x80;
    rest = Math.floor(rest / 0x80);
  }
  to[position++] = rest;
  return position;
}

const longestVarint = Buffer.alloc(8);
const varint = (value: number): Buffer =>
  Buffer.from(longestVarint.subarray(0, writeVarint(longestVarint, 0, value)));

const tag = (field: number, type: number): Buffer => varint(field * 8 + type);

/** The head of a field of so many bytes. */
export const head = (field: number, length: number): Buffer =>
  Buffer.concat([tag(field, wire.bytes), varint(length)]);

/** A field of bytes, text or a message. */
export function bytes(field: number, ...parts: Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([head(field, length), ...parts]);
}

/** A field of text, in UTF-8. */
export const text = (field: number, value: string): Buffer => bytes(field, Buffer.from(value));

/** A field of a whole number that is not negative, an enumeration or a boolean. */
export const integer = (field: number, value: number): Buffer =>
  Buffer.concat([tag(field, wire.varint), varint(value)]);

/** A field of a double. */
export function double(field: number, value: number): Buffer {
  const written = Buffer.alloc(8);
  written.writeDoubleLE(value);
  return Buffer.concat([tag(field, wire.fixed64), written]);
}

/** A field of 64 bits for a whole number that is not negative. */
export function fixed64(field: number, value: number): Buffer {
  const written = new DataView(new ArrayBuffer(8));
  writeFixed64(written, 0, value);
  return Buffer.concat([tag(field, wire.fixed64), Buffer.from(written.buffer)]);
}

/** Writes a whole number up to 2^64 as a double has it: beyond 2^53, to the nearest that a double can be. */
export function writeFixed64(to: DataView, at: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000);
  to.setUint32(at, value - high * 0x1_0000_0000, true);
  to.setUint32(at + 4, high, true);
}

/** A packed field of numbers of 64 bits each. */
export function packed(
  field: number,
  values: readonly number[],
  write: (to: DataView, at: number, value: number) => void,
): Buffer {
  const written = new DataView(new ArrayBuffer(8 * values.length));
  for (const [index, value] of values.entries()) write(written, 8 * index, value);
  return bytes(field, Buffer.from(written.buffer));
}

/** Writes a double. */
export const writeDouble = (to: DataView, at: number, value: number): void =>
  to.setFloat64(at, value, true);
