import type { PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import { isUniqueViolation } from '../errors.ts';
import { confirmedCommit, confirmedRollback } from './confirm.ts';
import type { Held, Query, Sender } from './connection.ts';
import { kindOf, type StatementKind } from './statement-kind.ts';

/**
 * What Kysely takes for a connection: one transaction, or a few statements. It takes a connection with its first
 * statement, which is sent again on another where it was not run: a `begin` always can be.
 */
export class Session implements PostgresPoolClient {
  readonly #pool: Sender;
  #held: Held | undefined;
  /** What the transaction that runs may do. */
  #transaction: 'read' | 'write' | undefined;
  /** The error of a statement in the transaction, which is over by it. */
  #error: unknown;

  constructor(pool: Sender) {
    this.#pool = pool;
  }

  query = (async (text: string, values: readonly unknown[] = []) => {
    const kind = kindOf(text);
    try {
      const result = await this.#run({ text: this.#textOf(kind, text), values }, kind);
      this.#note(kind);
      return result;
    } catch (error) {
      this.#error ??= error;
      throw error;
    }
  }) as unknown as PostgresPoolClient['query'];

  release(discard = false): void {
    const held = this.#held;
    this.#held = undefined;
    if (held) this.#pool.release(held, discard);
  }

  async #run(query: Query, kind: StatementKind): Promise<pg.QueryResult> {
    if (!this.#held) {
      const { held, result } = await this.#pool.begin(query, kind);
      this.#held = held;
      return result;
    }
    if (kind === 'begin' || kind === 'write') await this.#pool.becomeWriter(this.#held);
    // Within a transaction the commit waits.
    const isConfirmed = query.text === confirmedCommit || query.text === confirmedRollback;
    const within = this.#transaction ? 'read' : kind;
    return this.#pool.send(this.#held, query, isConfirmed ? 'commit' : within);
  }

  #textOf(kind: StatementKind, text: string): string {
    if (this.#transaction !== 'write') return text;
    if (kind === 'commit') return confirmedCommit;
    const refused = this.#error === undefined || isUniqueViolation(this.#error);
    return kind === 'rollback' && refused ? confirmedRollback : text;
  }

  #note(kind: StatementKind): void {
    if (kind === 'begin') this.#transaction = 'write';
    if (kind === 'begin read') this.#transaction = 'read';
    if (kind === 'commit' || kind === 'rollback') this.#transaction = undefined;
    if (kind === 'begin' || kind === 'rollback') this.#error = undefined;
  }
}
