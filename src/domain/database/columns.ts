/** A column of a result: the SQL expression and, as a type, the value that it returns. */
export interface Column<Value> {
  readonly sql: string;
  /** Never set; carries the type. */
  readonly value?: Value;
}

/** Declares a column of a result. */
export const column = <Value>(sql: string): Column<Value> => ({ sql });

type Columns = Readonly<Record<string, Column<unknown>>>;

/** A row with these columns, by name. */
export type RowOf<Of extends Columns> = {
  readonly [Name in keyof Of]: Of[Name] extends Column<infer Value> ? Value : never;
};

/** The select list of these columns, each with its name as alias. */
export const selectList = (columns: Columns): string =>
  Object.entries(columns)
    .map(([name, { sql }]) => `${sql} as "${name}"`)
    .join(', ');

/**
 * Reads rows of a statement in row mode `array` whose select list is that of `columns`, by name. Copies nothing:
 * each name is a getter of its cell.
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
