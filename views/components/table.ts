import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

export interface TableProps {
  /** What the table lists, for screen readers. */
  caption: string;
  columns: {
    label: string;
    number?: boolean;
    /** Words in it do not break. */
    keep?: boolean;
    /** Its label is only for screen readers. */
    hidden?: boolean;
    /** The link that sorts by it, and the current order if the table is sorted by it. */
    sort?: { href: string; order?: 'ascending' | 'descending' | undefined };
  }[];
  /** The first cell of each row is its heading. */
  rows: (Html | string)[][];
  /** Stays a table on a phone. */
  narrow?: boolean;
}

/** A table; on a phone each row becomes a card. */
export function table({ caption, columns, rows, narrow }: TableProps): Html {
  const sortable = columns.some(({ sort }) => sort);
  // Roles, because browsers drop table semantics when CSS changes the display.
  return html`<table class="data${!narrow && ' foldable'}${sortable && ' sortable'}" role="table">
    <caption class="visually-hidden">${caption}</caption>
    <thead role="rowgroup"><tr role="row">${columns.map(
      ({ label, number, hidden, sort }) =>
        html`<th scope="col" role="columnheader"${number && html` class="number"`}${sort?.order && html` aria-sort="${sort.order}"`}>${sort ? html`<a href="${sort.href}">${label}</a>` : hidden ? html`<span class="visually-hidden">${label}</span>` : label}</th>`,
    )}</tr></thead>
    <tbody role="rowgroup">${rows.map(
      ([heading, ...cells]) =>
        html`<tr role="row"><th scope="row" role="rowheader">${heading}</th>${cells.map(
          (cell, index) => {
            const { label = '', number, keep, hidden } = columns[index + 1] ?? {};
            return html`<td role="cell" data-label="${hidden ? '' : label}" class="${number && 'number'}${keep && 'keep'}"><div>${cell}</div></td>`;
          },
        )}</tr>`,
    )}</tbody>
  </table>`;
}
