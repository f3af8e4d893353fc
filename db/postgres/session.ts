import type { PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import { isUniqueViolation } from '../errors.ts';
import { confirmedCommit, confirmedRollback } from './confirm.ts';
import type { HeldConnection, Query, Sender } from './connection.ts';
import { kindOf, type StatementKind } from './statement-kind.ts';

/**
 * A connection for Kysely: one transaction, or a few statements. It takes a real connection with its first statement. If
 * that was not run, it is sent again on another connection, which is always safe for `begin`.
 */
export class Session implements PostgresPoolClient {
  readonly #pool: Sender;
  #held: HeldConnection | undefined;
  /** The kind of the current transaction. */
  #transaction: 'read' | 'write' | undefined;
  /** The error of a statement, which has ended the transaction. */
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
    // Within a transaction only the commit waits.
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
