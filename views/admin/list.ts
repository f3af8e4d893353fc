import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** What a list is filtered by: a form that reloads the page with its fields as the query. */
export const filterForm = (
  path: string,
  fields: Html,
  { isFiltered, label = 'Filter' }: { isFiltered: boolean; label?: string },
): Html =>
  html`<form method="get" action="${path}" class="filter wide">${fields}<div class="ask"><button type="submit" class="plain">${label}</button>${
    isFiltered && html`<a class="clear" href="${path}">Clear</a>`
  }</div></form>`;

export interface PagerProps {
  /** How many items the page shows, in words: `100 tokens`. */
  shown: string;
  /** The next page; undefined on the last. */
  next?: string | undefined;
  /** The first page; undefined if this is it. */
  first?: string | undefined;
}

/** The way through a long list, below it. */
export const pager = ({ shown, next, first }: PagerProps): Html | '' =>
  next || first
    ? html`<nav class="more" aria-label="Pages"><p>${shown}</p><div class="links">${
        first && html`<a class="button plain" href="${first}">First page</a>`
      }${next && html`<a class="button plain" href="${next}" rel="next">Next page</a>`}</div></nav>`
    : '';
