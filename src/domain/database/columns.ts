/** A column of an answer: the SQL that reads it. `Value` is the type it arrives as. */
export interface Column<Value> {
  readonly sql: string;
  /** Never there; it carries the type. */
  readonly value?: Value;
}

/** Declares a column of an answer. */
export const column = <Value>(sql: string): Column<Value> => ({ sql });

type Columns = Readonly<Record<string, Column<unknown>>>;

/** A row of these columns, read by name. */
export type RowOf<Of extends Columns> = {
  readonly [Name in keyof Of]: Of[Name] extends Column<infer Value> ? Value : never;
};

/** The select list of these columns, each under its name. */
export const selectList = (columns: Columns): string =>
  Object.entries(columns)
    .map(([name, { sql }]) => `${sql} as "${name}"`)
    .join(', ');

/**
 * Reads the rows of a statement in the row mode `array`, whose select list is that of these columns, by
 * name. It copies nothing: each name is a getter of its cell.
 */
export function rowReader<Of extends Columns>(
  columns: Of,
): (cells: readonly unknown[]) => RowOf<Of> {
  class Row {
    readonly cells: readonly unknown[];

    constructor(cells: readonly unknown[]) {
      this.cells = cells;
    }
  }
  for (const [index, name] of Object.keys(columns).entries())
    Object.defineProperty(Row.prototype, name, {
      get(this: Row) {
        return this.cells[index];
      },
    });
  return (cells) => new Row(cells) as unknown as RowOf<Of>;
}
