/** The style of breadcrumbs, tabs, code in several languages, roles, and rows of actions. */
export const appStyle = `
/* The way back, above the heading */
.account-page .crumbs { display: block; margin-block: -1rem -0.75rem; }
.account-page .crumbs ol { display: flex; flex-wrap: wrap; margin: 0; padding: 0; }
.account-page .crumbs li { display: flex; align-items: center; min-width: 0; max-width: 100%; padding: 0; font-size: 0.9375rem; }
.crumbs li + li::before { content: '/'; padding-inline: 0.5rem; color: var(--control); }
.account-page .crumbs a { display: flex; align-items: center; min-width: 0; min-height: 2.75rem; margin: 0; padding: 0; color: var(--muted); text-decoration: none; }
.account-page .crumbs a:hover { color: var(--letters); text-decoration: underline; text-underline-offset: 0.2em; }
.crumbs a bdi { overflow: hidden; max-width: min(24rem, 70vw); text-overflow: ellipsis; white-space: nowrap; }

/* The pages of one thing, below its heading */
.account-page .tabs { display: block; margin-block-start: -0.75rem; border-block-end: 1px solid var(--line); }
.account-page .tabs ul { display: flex; flex-wrap: wrap; gap: 0 1.75rem; margin: 0; padding: 0; }
.account-page .tabs li { display: block; padding: 0; }
.account-page .tabs a { display: flex; align-items: center; min-height: 2.75rem; margin: 0 0 -1px; padding: 0; border-block-end: 2px solid transparent; border-radius: 0; color: var(--muted); font-size: 0.9375rem; font-weight: 500; text-decoration: none; }
.account-page .tabs a:hover { color: var(--letters); }
.account-page .tabs a[aria-current] { border-color: var(--brand-edge); color: var(--letters); font-weight: 600; }
@media (max-width: 36rem) {
  .account-page .tabs ul { gap: 0 1.125rem; }
  .account-page .tabs a { font-size: 0.875rem; }
}
@media (max-width: 23rem) {
  .account-page .tabs ul { gap: 0 0.75rem; }
  .account-page .tabs a { font-size: 0.8125rem; }
}

/* Code in several languages */
.code-tabs, .code-panel { display: flex; flex-direction: column; gap: 1rem; min-width: 0; }
.code-panel[hidden] { display: none; }
.code-panel > h3 { font-size: 0.9375rem; }
.code-tabs [role=tablist] { display: flex; flex-wrap: wrap; gap: 0 1.5rem; border-block-end: 1px solid var(--line); }
.code-tabs [role=tab] { width: auto; min-height: 2.75rem; margin: 0 0 -1px; padding: 0; border: 0; border-block-end: 2px solid transparent; border-radius: 0; background: none; color: var(--muted); font-size: 0.9375rem; font-weight: 500; box-shadow: none; cursor: pointer; }
.code-tabs [role=tab]:hover { color: var(--letters); }
.code-tabs [role=tab][aria-selected=true] { border-color: var(--brand-edge); color: var(--letters); font-weight: 600; }

/* What a role allows */
.permissions { display: flex; flex-direction: column; gap: 0.125rem; margin-block-start: 0.5rem; padding: 0; font-size: 0.9375rem; }
.permissions li { margin: 0; list-style: none; }
.patterns { margin-block-start: 0.375rem; color: var(--muted); font-size: 0.8125rem; }
.patterns code { margin-inline-end: 0.5rem; padding: 0; background: none; color: var(--muted); font-size: 0.75rem; }
.manages { margin-block-start: 0.5rem; font-size: 0.9375rem; }

/* What can be done to a thing, each with the button of its page */
.actions-panel { gap: 0; padding-block: 0.5rem; }
.action-row { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.75rem 2rem; padding-block: 1rem; }
.action-row + .action-row { border-block-start: 1px solid var(--line); }
.action-row > div { flex: 1 1 16rem; min-width: 0; }
.action-row h3 { font-size: 1rem; }
.button.warn { border-color: var(--control); background: transparent; color: var(--bad); }
.button.warn:is(:hover, :active) { border-color: var(--bad); background: var(--bad-ground); color: var(--bad); }
a.edit.warn { color: var(--bad); white-space: nowrap; overflow-wrap: normal; text-decoration-color: color-mix(in srgb, var(--bad) 40%, transparent); }
.data td .edit { margin: -0.625rem 0; padding-inline: 0; }

/* Folded settings */
details.advanced { border-block: 1px solid var(--line); }
.advanced-body { display: flex; flex-direction: column; gap: 1.125rem; padding-block: 0.25rem 1rem; }

/* The fields belong to some kinds of clients only */
form:has([name=kind]:is([value=server], [value=agent], [value=device]):checked) .for-redirects { display: none; }
form:has([name=kind]:not([value=agent]):checked) .for-agents { display: none; }

@media (max-width: 44rem) {
  .data.foldable tbody td[data-label=''] { display: block; }
  .data.foldable tbody td:empty { display: none; }
}
`;
