/**
 * The messages of Postgres' protocol that run a statement: https://www.postgresql.org/docs/current/protocol-message-formats.html.
 * All of a statement travel together, and so do those of its response.
 */
import { type Parameter, readerOf, type ValueReader } from './values.ts';

/** Writes messages one after another. */
export class MessageWriter {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;
  /** Where the current message has its length. */
  #start = 0;

  /** Prepares a statement under a name; that of an unnamed one lasts until the next is prepared. */
  parse(name: string, text: string): this {
    this.#begin('P').#text(name).#text(text).#int16(0);
    return this.#end();
  }

  /** Gives a prepared statement its parameters: bytes as they are, everything else as text. Results come as text. */
  bind(name: string, parameters: readonly Parameter[]): this {
    this.#begin('B').#text('').#text(name).#int16(parameters.length);
    for (const parameter of parameters) this.#int16(parameter instanceof Uint8Array ? 1 : 0);
    this.#int16(parameters.length);
    for (const parameter of parameters) this.#parameter(parameter);
    return this.#int16(0).#end();
  }

  /** Asks for the columns of the statement that was bound. */
  describe(): this {
    this.#begin('D').#byte('P').#text('');
    return this.#end();
  }

  /** Runs the statement that was bound. */
  execute(): this {
    this.#begin('E').#text('').#int32(0);
    return this.#end();
  }

  /** Ends the messages of a statement: outside of a transaction it commits now. */
  sync(): this {
    return this.#begin('S').#end();
  }

  /** Runs one or several statements without parameters. */
  query(text: string): this {
    this.#begin('Q').#text(text);
    return this.#end();
  }

  /** Returns the messages so far, in memory of their own, and begins anew. */
  take(): Uint8Array {
    const messages = Uint8Array.prototype.slice.call(this.#bytes, 0, this.#length);
    this.#length = 0;
    return messages;
  }

  #begin(type: string): this {
    this.#byte(type);
    this.#start = this.#length;
    return this.#int32(0);
  }

  #end(): this {
    this.#bytes.writeInt32BE(this.#length - this.#start, this.#start);
    return this;
  }

  #parameter(parameter: Parameter): void {
    if (parameter === null) this.#int32(-1);
    else if (typeof parameter === 'string') {
      const length = Buffer.byteLength(parameter);
      this.#int32(length).#reserve(length);
      this.#length += this.#bytes.write(parameter, this.#length);
    } else {
      this.#int32(parameter.length).#reserve(parameter.length);
      this.#bytes.set(parameter, this.#length);
      this.#length += parameter.length;
    }
  }

  #text(text: string): this {
    this.#reserve(Buffer.byteLength(text) + 1);
    this.#length += this.#bytes.write(text, this.#length);
    this.#bytes[this.#length++] = 0;
    return this;
  }

  #byte(character: string): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = character.charCodeAt(0);
    return this;
  }

  #int16(value: number): this {
    this.#reserve(2);
    this.#length = this.#bytes.writeUInt16BE(value, this.#length);
    return this;
  }

  #int32(value: number): this {
    this.#reserve(4);
    this.#length = this.#bytes.writeInt32BE(value, this.#length);
    return this;
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** A column of a result. */
export interface Field {
  name: string;
  read: ValueReader;
}

/** What Postgres responded to the messages of a statement. */
export interface Response {
  /** The columns, if it was asked to describe them. */
  fields: readonly Field[] | undefined;
  rows: unknown[];
  /** The first word of the command's tag, such as `UPDATE`. */
  command: string;
  rowCount: number;
  error: PostgresError | undefined;
  /** Whether it prepared the statement. */
  wasPrepared: boolean;
  /** Whether a transaction is open now. */
  inTransaction: boolean;
}

/** An error that Postgres reports. It has no parameters of the statement, which can be secret. */
export class PostgresError extends Error {
  readonly severity: string | undefined;
  /** SQLSTATE. */
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly constraint: string | undefined;
  readonly table: string | undefined;
  readonly routine: string | undefined;

  /** `parts` has the fields of an error by their letters. */
  constructor(parts: ReadonlyMap<string, string>) {
    super(parts.get('M') ?? 'unknown error');
    this.name = 'PostgresError';
    this.severity = parts.get('V');
    this.code = parts.get('C');
    this.detail = parts.get('D');
    this.hint = parts.get('H');
    this.constraint = parts.get('n');
    this.table = parts.get('t');
    this.routine = parts.get('R');
  }
}

/** The types of messages in a response, by their letters. */
const type = { parsed: 0x31, complete: 0x43, row: 0x44, error: 0x45, fields: 0x54, ready: 0x5a };
const idle = 'I'.charCodeAt(0);

/**
 * Reads a response. `fields` are the columns if they are known; otherwise the response must describe them. Of several
 * statements the result of the last one counts, and the first error.
 */
export function readResponse(
  bytes: Uint8Array,
  fields: readonly Field[] | undefined,
  rowMode: 'array' | undefined,
): Response {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const result = {
    fields,
    rows: [] as unknown[],
    error: undefined as PostgresError | undefined,
    wasPrepared: false,
    inTransaction: false,
  };
  let tag = '';
  /** Whether the rows are of the statement whose tag comes next. */
  let isCurrent = true;
  for (let at = 0; at < buffer.length; ) {
    const content = at + 5;
    const end = at + 1 + buffer.readInt32BE(at + 1);
    switch (buffer[at]) {
      case type.row:
        result.rows.push(readRow(buffer, content, result.fields ?? [], rowMode));
        break;
      case type.fields:
        result.fields = readFields(buffer, content);
        result.rows = [];
        isCurrent = true;
        break;
      case type.complete:
        tag = buffer.toString('latin1', content, end - 1);
        if (!isCurrent) result.rows = [];
        isCurrent = false;
        break;
      case type.error:
        result.error ??= readError(buffer, content);
        break;
      case type.parsed:
        result.wasPrepared = true;
        break;
      case type.ready:
        result.inTransaction = buffer[content] !== idle;
    }
    at = end;
  }
  const words = tag.split(' ');
  return { ...result, command: words[0] ?? '', rowCount: Number(words.at(-1)) || 0 };
}

function readRow(
  buffer: Buffer,
  start: number,
  fields: readonly Field[],
  rowMode: 'array' | undefined,
): unknown {
  let at = start + 2;
  const next = (read: ValueReader): unknown => {
    const length = buffer.readInt32BE(at);
    at += 4;
    if (length < 0) return null;
    at += length;
    return read(buffer.toString('utf8', at - length, at));
  };
  if (rowMode === 'array') return fields.map(({ read }) => next(read));
  const row: Record<string, unknown> = {};
  for (const { name, read } of fields) row[name] = next(read);
  return row;
}

function readFields(buffer: Buffer, start: number): Field[] {
  let at = start + 2;
  return Array.from({ length: buffer.readUInt16BE(start) }, () => {
    const end = buffer.indexOf(0, at);
    const name = buffer.toString('utf8', at, end);
    // Then the table, the number of the column, the type, its size and modifier, and the format.
    const type = buffer.readInt32BE(end + 7);
    at = end + 19;
    return { name, read: readerOf(type) };
  });
}

function readError(buffer: Buffer, start: number): PostgresError {
  const parts = new Map<string, string>();
  for (let at = start; buffer[at] !== 0; ) {
    const end = buffer.indexOf(0, at + 1);
    parts.set(String.fromCharCode(buffer[at] as number), buffer.toString('utf8', at + 1, end));
    at = end + 1;
  }
  return new PostgresError(parts);
}
