/** The style of the console, on top of that of all pages. */
export const adminStyle = `
.console .bar-inside, .console .console-columns, .console > footer { max-width: 80rem; }
.console-columns { display: grid; grid-template-columns: 13rem minmax(0, 1fr); gap: 2.5rem; width: 100%; margin-inline: auto; padding-inline: 1.5rem; }
.console .console-columns > main { max-width: none; margin: 0; padding-inline: 0; }
.console .facts > div { grid-template-columns: 8.5rem minmax(0, 1fr); }
@media (max-width: 26rem) { .console .facts > div { grid-template-columns: 6.25rem minmax(0, 1fr); } }
.console-side { padding-block: 2.25rem 2rem; }
.console-search { position: relative; margin-block-end: 1.25rem; }
.console-search input[type=search] { min-height: 2.75rem; margin: 0; padding: 0.5rem 2.25rem 0.5rem 0.875rem; border-radius: var(--round); font-size: 0.9375rem; background-image: none; }
.console-search input:focus-visible { outline: 2px solid var(--brand-link); outline-offset: 0; }
.console-search kbd {
  position: absolute; inset-block-start: 0.75rem; inset-inline-end: 0.75rem; padding: 0 0.4375rem; border: 1px solid var(--line); border-radius: 6px;
  background: var(--inset); color: var(--muted); font-size: 0.8125rem; line-height: 1.25rem; pointer-events: none;
}
.console-search input:focus + kbd { display: none; }
.console-group { padding-inline: 0.75rem; margin-block: 1rem 0.25rem; color: var(--muted); font-size: 0.8125rem; font-weight: 500; }
.console-side nav { display: block; }
.console-side nav ul { display: block; margin: 0; padding: 0; }
.console-side nav li { display: block; margin: 0; padding: 0; list-style: none; }
.console-side nav a { display: flex; align-items: center; min-height: 2.25rem; margin: 0; padding: 0.25rem 0.75rem; border-radius: 8px; color: var(--letters); font-size: 0.9375rem; text-decoration: none; }
.console-side nav a:hover { background: var(--inset); }
.console-side nav a[aria-current] { background: var(--inset); font-weight: 600; }
.console-folded { display: none; }
@media (max-width: 60rem) {
  .console-columns { display: block; }
  .console-side { display: flex; flex-wrap: wrap; gap: 0.75rem; padding-block: 1rem 0; }
  .console-side > search { flex: 1 1 14rem; }
  .console-search { margin: 0; }
  .console-sections { display: none !important; }
  .console-folded { display: block; flex: 1 1 14rem; position: relative; }
  .console-folded > summary, .console-folded[open] > summary { display: flex; align-items: center; justify-content: space-between; min-height: 2.75rem; margin: 0; padding: 0.25rem 0.875rem; border: 1px solid var(--control); border-radius: var(--round); background: var(--card); font-size: 0.9375rem; font-weight: 600; }
  .console-folded > nav { padding: 0 0.5rem 0.75rem; border: 1px solid var(--line); border-radius: var(--round); background: var(--card); margin-block-start: 0.375rem; }
  .console-side nav a { min-height: 2.75rem; }
}
@media (max-width: 36rem) { .console-columns { padding-inline: 1rem; } }

/* What a list is filtered by */
.console .panel form.selection { max-width: none; gap: 0; margin: 0; }
.console .named > input[type=checkbox] { flex: none; width: 1.25rem; height: 1.25rem; min-width: 0; min-height: 0; margin: 0.125rem 0 0; padding: 0; border-radius: 5px; }
.with-selected { display: flex; flex-wrap: wrap; align-items: end; gap: 0.75rem; padding-block: 1rem 0; }
.with-selected .field { flex: 0 1 16rem; min-width: 0; }
.with-selected :is(select, button[type=submit]) { width: 100%; min-width: 0; min-height: 2.75rem; margin: 0; }
.with-selected button[type=submit] { width: auto; }
form.filter { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); align-items: end; gap: 0.75rem; max-width: none; margin: 0; }
form.filter .field { min-width: 0; }
.filter :is(input, select) { width: 100%; min-width: 0; margin: 0; }
.filter .checks input { width: 1.125rem; min-width: 0; margin: 0.2rem 0 0; }
.filter .ask { display: flex; align-items: center; gap: 0.75rem; }
.filter button[type=submit] { width: auto; min-height: 2.75rem; margin: 0; }
.filter .clear { display: inline-flex; align-items: center; min-height: 2.75rem; font-size: 0.9375rem; }

ul.plain-list { display: flex; flex-direction: column; margin: 0; padding: 0; }
ul.plain-list li { list-style: none; margin: 0; }
.aside.block { display: block; font-weight: 400; font-size: 0.875rem; }
.console main .actions { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: center; }

/* Events */
.audit-event > summary, .audit-event[open] > summary { display: grid; grid-template-columns: minmax(12rem, 1fr) minmax(0, 2fr) auto; gap: 0.25rem 1rem; align-items: baseline; min-height: 1.75rem; margin: 0; padding: 0; color: inherit; font-weight: 400; font-size: 0.9375rem; cursor: pointer; }
.audit-event > summary::after { display: none; }
.audit-event > summary:hover code { text-decoration: underline; }
.event-what, .event-who { min-width: 0; }
.event-when { color: var(--muted); font-size: 0.875rem; white-space: nowrap; }
.audit-event > .facts { margin-block: 0.75rem 0.25rem; padding: 1rem; border-radius: var(--round); background: var(--inset); }
.audit-event code { background: none; padding: 0; }
pre.details { margin: 0; padding: 0; background: none; white-space: pre-wrap; font-size: 0.8125rem; }
.audit-event:not([open]) > .facts { display: none; }
.audit-events > li { padding-block: 0.625rem; }
@media (max-width: 44rem) { .audit-event > summary, .audit-event[open] > summary { grid-template-columns: minmax(0, 1fr) auto; min-height: 2.75rem; } .event-who { grid-column: 1; grid-row: 2; } }

.timeline { display: flex; flex-wrap: wrap; gap: 0.25rem 0; margin: 0.5rem 0 0; padding: 0; color: var(--muted); font-size: 0.875rem; }
.timeline > li { margin: 0; list-style: none; }
.timeline > li + li::before { content: '→' / ''; margin-inline: 0.5rem; }

/* Parts of a panel whose table reaches its edges */
.flush-part { padding-inline: 1.5rem; }
.flush-part:empty { display: none; }
.flush > .flush-part:last-child { padding-block-end: 1.25rem; }
.reasons { display: flex; flex-direction: column; gap: 0.25rem; margin-block-start: 0.25rem; padding-inline-start: 1.25rem; }
@media (max-width: 44rem) { .flush-part { padding-inline: 1.25rem; } }

/* The way through a long list */
.more { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: center; justify-content: space-between; color: var(--muted); font-size: 0.9375rem; }
.more .links { display: flex; gap: 0.75rem; margin-inline-start: auto; }

/* Findings, settings and figures */
.state { display: flex; gap: 0.625rem; align-items: center; }
.findings > li { display: flex; flex-direction: column; gap: 0.25rem; padding-block: 0.875rem; border-block-start: 1px solid var(--line); overflow-wrap: anywhere; }
.findings > li:first-child { border-block-start: 0; padding-block-start: 0; }
.findings .remedy { color: var(--muted); font-size: 0.9375rem; }
.setting > summary, .setting[open] > summary { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr) 1rem; gap: 0.25rem 1.5rem; align-items: baseline; min-height: 2.75rem; margin: 0; padding: 0; color: inherit; font-weight: 400; font-size: 0.9375rem; cursor: pointer; overflow-wrap: anywhere; }
.setting > summary:hover .setting-name code { text-decoration: underline; }
.setting-name, .setting-value { min-width: 0; }
.setting code { padding: 0; background: none; }
.setting-name > code { font-weight: 600; }
.setting > .facts { margin-block: 0.75rem 0.25rem; padding: 1rem; border-radius: var(--round); background: var(--inset); overflow-wrap: anywhere; }
.setting:not([open]) > .facts { display: none; }
.settings > li { padding-block: 0.75rem; scroll-margin-block: 1rem; }
@media (max-width: 44rem) { .setting > summary, .setting[open] > summary { grid-template-columns: minmax(0, 1fr) 1rem; } .setting-value { grid-column: 1; grid-row: 2; } }
.console main .jumps ul { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin: 0; padding: 0; }
.console main .jumps li { margin: 0; padding: 0; list-style: none; }
.console main .jumps a { display: inline-flex; align-items: center; min-height: 2.75rem; margin: 0; padding: 0; font-size: 0.9375rem; }
.pictures { display: flex; flex-wrap: wrap; gap: 1.5rem; }
.picture { display: flex; flex-direction: column; gap: 0.5rem; min-width: 0; margin: 0; }
.picture figcaption { padding: 0; color: var(--muted); font-size: 0.875rem; }
.picture iframe { width: 100%; height: 40rem; border: 1px solid var(--line); border-radius: var(--round); background: var(--card); }
.picture iframe.phone { width: 22.5rem; max-width: 100%; }
.figures-section { display: flex; flex-direction: column; gap: 1rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem; }
.figure { gap: 0.75rem; margin: 0; }
.figure .bars { height: 5rem; }
.figure dl { display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.5rem; margin: 0; }
.figure dt { color: var(--muted); font-size: 0.8125rem; }
.figure dd { margin: 0; font-size: 1.125rem; font-weight: 600; font-variant-numeric: tabular-nums; }
`;
