import { type Field, MessageWriter, readResponse } from './messages.ts';
import { toParameter } from './values.ts';

/** A statement, and its parameters in the order of `$1`, `$2`, … */
export interface Query {
  /** Under this name it is prepared once and kept. A name belongs to one text. */
  name?: string | undefined;
  text: string;
  values: readonly unknown[];
  /** Rows as arrays of columns. */
  rowMode?: 'array' | undefined;
}

/** The result of a statement; of several, sent as one text, that of the last one. */
export interface Result {
  rows: never[];
  rowCount: number;
  /** The first word of the command's tag, such as `UPDATE`. */
  command: string;
  /** Whether a transaction is open now. */
  inTransaction: boolean;
}

/** What a session knows of a statement that is prepared: its columns, once a run has described them. */
interface Prepared {
  text: string;
  fields: readonly Field[] | undefined;
}

/**
 * A session with Postgres over its protocol. A statement is one exchange of messages: the first run of a named one prepares it, and
 * later runs send its parameters alone, so Postgres neither parses nor plans it again.
 */
export class WireSession {
  readonly #exchange: (messages: Uint8Array) => Promise<Uint8Array>;
  readonly #prepared = new Map<string, Prepared>();
  readonly #writer = new MessageWriter();

  /** `exchange` sends the messages of one statement, and gives all that Postgres responds. */
  constructor(exchange: (messages: Uint8Array) => Promise<Uint8Array>) {
    this.#exchange = exchange;
  }

  /** Runs a statement. Throws `PostgresError`. */
  async query(query: Query): Promise<Result> {
    const { name, text, rowMode } = query;
    const prepared = name === undefined ? undefined : this.#prepared.get(name);
    if (prepared && prepared.text !== text)
      throw new Error(`Two statements are called ${name}: ${prepared.text} and ${text}`);
    const bytes = await this.#exchange(this.#write(query, prepared));
    const response = readResponse(bytes, prepared?.fields, rowMode);
    if (name !== undefined && (prepared || response.wasPrepared))
      this.#prepared.set(name, { text, fields: prepared?.fields ?? response.fields });
    if (response.error) throw response.error;
    const { rows, rowCount, command, inTransaction } = response;
    return { rows: rows as never[], rowCount, command, inTransaction };
  }

  #write({ name = '', text, values }: Query, prepared: Prepared | undefined): Uint8Array {
    const writer = this.#writer;
    // Only this form takes several statements as one text.
    if (name === '' && values.length === 0) return writer.query(text).take();
    if (!prepared) writer.parse(name, text);
    writer.bind(name, values.map(toParameter));
    if (!prepared?.fields) writer.describe();
    return writer.execute().sync().take();
  }
}
