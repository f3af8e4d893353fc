/**
 * The style of all pages, on top of Pico. The brand's colors come from another sheet (`src/web/brand/brand-style.ts`):
 * --brand, --brand-letters, --brand-hover, --brand-edge, --brand-link, --brand-link-hover. Its `themes` repeat the values
 * of --inset and --letters here.
 */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f7f8fa;
  --card: #ffffff;
  --inset: #f3f4f7;
  --letters: #15181e;
  --muted: #565d69;
  --line: #e2e5ea;
  --control: #878f9c;
  --shadow: 0 1px 2px rgb(18 24 40 / 5%), 0 16px 40px -16px rgb(18 24 40 / 14%);
  --good: #0b7040;
  --good-ground: #e8f6ee;
  --bad: #b3261e;
  --bad-ground: #fdf0ef;
  --bad-fill: #b3261e;
  --care: #855300;
  --care-ground: #fff7e3;
  --round: 10px;
  --mono: ui-monospace, 'SF Mono', SFMono-Regular, Menlo, 'Cascadia Mono', 'Segoe UI Mono',
    'Roboto Mono', 'DejaVu Sans Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0c0f14;
    --card: #151920;
    --inset: #1d222b;
    --letters: #e9ebef;
    --muted: #a5adba;
    --line: #2a303b;
    --control: #6f7887;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 16px 40px -16px rgb(0 0 0 / 60%);
    --good: #74d79f;
    --good-ground: #12281d;
    --bad: #ff9d95;
    --bad-ground: #341b1c;
    --bad-fill: #c23a32;
    --care: #f3c560;
    --care-ground: #2a2414;
  }
}

/* Pico's own names, for both of its themes. */
:root:not([data-theme]) {
  --pico-font-family: -apple-system, BlinkMacSystemFont, 'Segoe UI', system-ui, Roboto, Ubuntu,
    Cantarell, 'Noto Sans', 'DejaVu Sans', sans-serif;
  --pico-font-family-monospace: var(--mono);
  --pico-font-size: 100%;
  --pico-line-height: 1.5;
  --pico-background-color: var(--ground);
  --pico-color: var(--letters);
  --pico-h1-color: var(--letters);
  --pico-h2-color: var(--letters);
  --pico-h3-color: var(--letters);
  --pico-muted-color: var(--muted);
  --pico-border-radius: var(--round);
  --pico-form-element-spacing-vertical: 0.625rem;
  --pico-form-element-spacing-horizontal: 0.875rem;
  --pico-form-element-background-color: var(--card);
  --pico-form-element-active-background-color: var(--card);
  --pico-form-element-border-color: var(--control);
  --pico-form-element-color: var(--letters);
  --pico-form-element-active-border-color: var(--brand-edge);
  --pico-form-element-focus-color: transparent;
  --pico-form-element-invalid-border-color: var(--bad);
  --pico-form-element-invalid-active-border-color: var(--bad);
  --pico-form-element-invalid-focus-color: transparent;
  --pico-primary: var(--brand-link);
  --pico-primary-underline: color-mix(in srgb, var(--brand-link) 40%, transparent);
  --pico-primary-hover: var(--brand-link-hover);
  --pico-primary-hover-underline: var(--brand-link-hover);
  --pico-primary-focus: transparent;
  --pico-code-background-color: var(--inset);
  --pico-code-color: var(--letters);
  --pico-accordion-close-summary-color: var(--letters);
  --pico-accordion-open-summary-color: var(--letters);
  --pico-accordion-active-summary-color: var(--letters);
  --pico-text-underline-offset: 0.2em;
}

body {
  min-height: 100svh;
  overflow-wrap: anywhere;
  -webkit-font-smoothing: antialiased;
}
p, ul, dl, h1, h2, h3, fieldset, form, details { margin: 0; }
h1, h2, h3 { text-wrap: balance; }
h1 { font-size: 1.5rem; font-weight: 650; line-height: 1.25; letter-spacing: -0.018em; }
h2 { font-size: 1rem; font-weight: 600; line-height: 1.4; }
h3 { font-size: 0.875rem; font-weight: 600; }
b, strong { font-weight: 600; }
/* Names that people chose may be of any script and direction, and of any length. */
bdi { overflow-wrap: anywhere; }
.lead { color: var(--muted); text-wrap: pretty; }
time { display: inline-block; }
.aside { color: var(--muted); }
.fine { color: var(--muted); font-size: 0.875rem; text-align: center; text-wrap: pretty; }
.fine.left { text-align: start; }
ul.fine { padding-inline-start: 1.25rem; }
.centred { text-align: center; text-wrap: balance; }
.icon { flex: none; display: block; }
.visually-hidden {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; user-select: none;
}
.skip {
  position: absolute; inset-block-start: 0.75rem; inset-inline-start: 0.75rem; z-index: 1;
  padding: 0.625rem 1rem; border-radius: var(--round); background: var(--letters);
  color: var(--card); font-weight: 600; text-decoration: none;
}
.skip:not(:focus) { clip-path: inset(50%); width: 1px; height: 1px; padding: 0; overflow: hidden; }
main:focus, .box:focus { outline: none; }
:is(a, button, input, summary, .code-scroll):focus-visible {
  outline: 3px solid var(--brand-link); outline-offset: 2px; box-shadow: none;
}

.field :is(input, select, textarea):focus-visible { outline: 2px solid var(--brand-link); outline-offset: 0; }

/* The brand */
.brand {
  display: inline-flex; align-items: center; gap: 0.625rem; min-width: 0;
  color: var(--letters); font-weight: 650; font-size: 1.0625rem; letter-spacing: -0.01em; text-decoration: none;
}
.brand img { flex: none; width: auto; height: 2rem; max-width: 8rem; object-fit: contain; }
a.brand:hover { color: var(--letters); text-decoration: none; }

/* A page with a card in the middle */
.card-page {
  display: flex; flex-direction: column; align-items: center; gap: 1.75rem;
  padding: clamp(1.5rem, 9vh, 6rem) 1rem 3rem;
}
.card-page .masthead, .card-page .signed-in { padding: 0; max-width: 28.5rem; text-align: center; }
.card-page main { width: 100%; max-width: 28.5rem; padding: 0; }
.card {
  display: flex; flex-direction: column; gap: 1.5rem; margin: 0; padding: 2.5rem;
  background: var(--card); border: 1px solid var(--line); border-radius: 18px; box-shadow: var(--shadow);
}
.card .opening { text-align: center; text-wrap: balance; }
.card .lead { text-wrap: balance; }
.card .panel { padding: 0; border: 0; box-shadow: none; background: none; }
.card .passkey:not([hidden]) ~ .divided { padding-block-start: 1.25rem; border-block-start: 1px solid var(--line); }
/* Lines of Japanese end between phrases, where the browser knows them */
:lang(ja) { word-break: auto-phrase; line-break: strict; }
.opening { display: flex; flex-direction: column; gap: 0.5rem; }
.card-page > footer { display: flex; flex-direction: column; align-items: center; gap: 1rem; width: 100%; max-width: 28.5rem; padding: 0; }
.signed-in p { color: var(--muted); font-size: 0.875rem; }
.signed-in strong { color: var(--letters); }
@media (max-width: 30rem) {
  .card-page { background: var(--card); gap: 1.5rem; padding: 1.5rem 1.25rem 2rem; }
  .card { padding: 0; border: 0; border-radius: 0; box-shadow: none; }
  .card-page .signed-in { width: 100%; padding-block-start: 1.25rem; border-block-start: 1px solid var(--line); }
}

/* At the foot of every page */
.account-page > footer { width: 100%; max-width: 63rem; margin-inline: auto; padding: 0 1.5rem 2rem; }
.account-page > footer:empty { display: none; }
footer .foot ul { display: flex; flex-wrap: wrap; gap: 0 1rem; margin: 0; padding: 0; }
.card-page .foot ul { justify-content: center; }
footer .foot li { margin: 0; padding: 0; list-style: none; }
.foot a { display: inline-flex; align-items: center; min-height: 2.75rem; margin: 0; padding: 0; color: var(--muted); font-size: 0.875rem; text-decoration: none; overflow-wrap: anywhere; }
.languages { text-align: center; }
.languages > summary, .languages[open] > summary { display: inline-flex; align-items: center; gap: 0.5rem; min-height: 2.75rem; margin: 0; padding: 0 0.5rem; color: var(--muted); font-size: 0.875rem; font-weight: 400; cursor: pointer; }
.languages > summary::after { display: none; }
.languages > summary:hover { color: var(--letters); text-decoration: underline; text-underline-offset: 0.2em; }
.languages .icon { width: 1.125rem; height: 1.125rem; }
.languages ul { display: flex; flex-wrap: wrap; justify-content: center; gap: 0 1rem; margin: 0; padding: 0; }
.languages li { margin: 0; padding: 0; list-style: none; }
.languages a { display: inline-flex; align-items: center; min-height: 2.75rem; font-size: 0.875rem; }
.languages a[aria-current] { color: var(--letters); font-weight: 600; text-decoration: none; }
.foot a:hover { color: var(--letters); text-decoration: underline; text-underline-offset: 0.2em; }

/* How something ended */
.symbol {
  display: grid; place-items: center; width: 3.5rem; height: 3.5rem; margin: 0 auto 0.75rem; border-radius: 50%;
  background: var(--inset); color: var(--muted);
}
.symbol.good { background: var(--good-ground); color: var(--good); }
.symbol.bad { background: var(--bad-ground); color: var(--bad); }
.symbol .icon { width: 1.75rem; height: 1.75rem; }

/* A page of the account */
.bar { padding: 0; background: var(--card); border-block-end: 1px solid var(--line); }
.bar-inside, .account-page main { width: 100%; max-width: 63rem; margin-inline: auto; padding-inline: 1.5rem; }
.bar-inside {
  display: grid; grid-template: 'brand places who' minmax(3.75rem, auto) / minmax(0, max-content) minmax(0, 1fr) auto; align-items: center; column-gap: 1.5rem;
}
.bar .brand > span, .who .name { overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.bar .brand { grid-area: brand; max-width: 13rem; }
.who { grid-area: who; display: flex; align-items: baseline; gap: 0.75rem; min-width: 0; }
.who .name { max-width: 9rem; color: var(--muted); font-size: 0.9375rem; }
.bar nav { display: block; }
.bar nav ul { display: flex; flex-wrap: wrap; margin: 0; padding: 0; }
.bar nav li { display: block; padding: 0; }
.bar nav a { margin: 0; font-size: 0.9375rem; font-weight: 500; text-decoration: none; }
.bar .places a { display: flex; align-items: center; padding: 0; color: var(--muted); }
.bar .places a:hover { color: var(--letters); }
.bar .places a[aria-current] { color: var(--letters); font-weight: 600; }
.places { grid-area: places; }
.bar .places a { min-height: 2.75rem; padding-inline: 0.75rem; border-radius: var(--round); }
.bar .places a[aria-current] { background: var(--inset); }
@media (max-width: 56rem) { .who .name { display: none; } }
@media (max-width: 48rem) {
  .bar-inside { grid-template: 'brand who' auto 'places places' auto / minmax(0, 1fr) auto; padding-block: 0.5rem 0.25rem; }
  .bar .brand { max-width: none; }
  .places { margin-inline: -0.75rem; }
}
@media (max-width: 36rem) {
  .places { margin-inline: -0.375rem; }
  .bar .places ul { justify-content: space-between; }
  .bar .places a { padding-inline: 0.625rem; font-size: 0.9375rem; }
}
@media (max-width: 23rem) { .bar .places a { padding-inline: 0.375rem; font-size: 0.875rem; } }
/* Five places on one line of a phone */
@media (max-width: 27rem) { .bar .places ul:has(> :nth-child(5)) a { padding-inline: 0.3125rem; font-size: 0.875rem; } }

.account-page main { display: flex; flex-direction: column; gap: 1.25rem; padding-block: 2.5rem 4rem; }
.account-page .opening { margin-block-end: 0.5rem; }
.account-page .lead { max-width: 44rem; }
.opening-row { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.75rem 2rem; margin-block-end: 0.5rem; }
.opening-row .opening { flex: 1 1 18rem; min-width: 0; margin: 0; }
.account-page h1 { font-size: 1.75rem; }
.panel {
  display: flex; flex-direction: column; gap: 1.25rem; margin: 0; padding: 1.5rem; list-style: none;
  background: var(--card); border: 1px solid var(--line); border-radius: 14px;
}
.panel > form:not(.inline, .wide) { max-width: 30rem; }
.panel.row { flex-flow: row wrap; align-items: center; justify-content: space-between; gap: 1rem 2rem; }
.panel.row p { color: var(--muted); font-size: 0.9375rem; text-wrap: balance; }
.panel.row > div { flex: 1 1 16rem; }
.list { display: flex; flex-direction: column; gap: 1rem; padding: 0; }
.list > li { list-style: none; margin: 0; }
/* As wide as a form */
.account-page main.slim > * { width: 100%; max-width: 40rem; }
.slim .panel > form:not(.inline) { max-width: none; }
@media (max-width: 36rem) {
  .bar-inside, .account-page main, .account-page > footer { padding-inline: 1rem; }
  .account-page main { padding-block: 1.75rem 3rem; }
  .panel { padding: 1.25rem; }
}

/* One line each; a click shows the details */
.line-more { min-width: 0; }
.line-more > summary, .line-more[open] > summary { display: block; margin: 0; padding: 0; color: inherit; font-weight: 400; cursor: pointer; }
.line-more > summary::after { display: none; }
.line-more > summary .row-head { display: flex; padding-inline-end: 6.75rem; min-height: 2.75rem; flex-wrap: nowrap; align-items: center; }
.line-more > summary .row-name { display: flex; flex-direction: column; flex: 1 1 0; }
.line-more > summary strong { text-decoration: underline; text-decoration-color: transparent; text-underline-offset: 0.2em; }
.line-more > summary:hover strong { text-decoration-color: currentColor; }
.line-more > summary strong::after { content: ''; display: inline-block; width: 0.4rem; height: 0.4rem; margin-inline-start: 0.625rem; border: solid var(--muted); border-width: 0 2px 2px 0; transform: translateY(-0.1875rem) rotate(45deg); }
.line-more[open] > summary strong::after { transform: rotate(225deg); }
.line-details { display: flex; flex-direction: column; gap: 1rem; padding-block: 0.875rem 0.25rem; padding-inline-start: 3.375rem; }
@media (max-width: 30rem) { .line-details { padding-inline-start: 0; } }
@media (max-width: 24rem) { .line-more .glyph { display: none; } }
.menu { position: absolute; inset-block-start: 0.875rem; inset-inline-end: 0; }
.rows > .line:first-child .menu { inset-block-start: 0; }
.menu > summary, .menu[open] > summary {
  display: flex; align-items: center; min-height: 2.75rem; margin: 0; padding: 0.25rem 1rem; border: 1px solid var(--control); border-radius: var(--round);
  color: var(--letters); font-size: 0.9375rem; font-weight: 600; cursor: pointer; user-select: none;
}
.menu > summary::after { display: none; }
.menu > summary:hover, .menu[open] > summary { background: var(--inset); }
.menu-body {
  position: absolute; inset-block-start: calc(100% + 0.375rem); inset-inline-end: 0; z-index: 1; display: flex; flex-direction: column; gap: 0.875rem;
  width: min(22rem, calc(100vw - 4.5rem)); padding: 1.125rem; border: 1px solid var(--line); border-radius: 14px; background: var(--card); box-shadow: var(--shadow); font-size: 0.9375rem;
}
.menu-body button.danger[type=submit] { width: 100%; }

/* Things with facts and actions */
.item { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 0.875rem; }
.item-head { flex: 1 1 10rem; min-width: 0; }
@media (max-width: 30rem) {
  .item-head { flex-basis: calc(100% - 3.5rem); }
  .item .badge { margin-inline-start: 3.375rem; }
}
.sub { color: var(--muted); font-size: 0.9375rem; }
.glyph {
  display: grid; place-items: center; flex: none; width: 2.5rem; height: 2.5rem; border-radius: var(--round);
  background: var(--inset); color: var(--muted);
}
.badge {
  padding: 0.125rem 0.625rem; border-radius: 1rem; background: var(--good-ground); color: var(--good);
  font-size: 0.8125rem; font-weight: 600; white-space: nowrap;
}
.badge.bad { background: var(--bad-ground); color: var(--bad); }
.badge.care { background: var(--care-ground); color: var(--care); }
.badge.neutral { background: var(--inset); color: var(--muted); }
.badge:has(bdi) { display: inline-block; min-width: 0; max-width: 12rem; overflow: hidden; text-overflow: ellipsis; vertical-align: middle; }
.empty { align-items: center; padding-block: 3rem; text-align: center; }
.empty p { max-width: 26rem; color: var(--muted); text-wrap: balance; }
.empty h2 + p { margin-block-start: -0.75rem; }
.empty .glyph { width: 3.5rem; height: 3.5rem; border-radius: 50%; }

/* Names and values */
.facts { display: grid; gap: 0.5rem; font-size: 0.9375rem; }
.facts > div { display: grid; grid-template-columns: 6rem minmax(0, 1fr); gap: 1rem; }
.facts dt { margin: 0; overflow-wrap: normal; color: var(--muted); font-weight: 400; }
.facts dd { margin: 0; min-width: 0; }
.facts dd { display: flex; flex-wrap: wrap; align-items: baseline; column-gap: 0.625rem; }
.facts .aside { font-size: 0.875rem; }
@media (max-width: 26rem) { .facts > div { grid-template-columns: 5.5rem minmax(0, 1fr); gap: 0.5rem; } }

/* What developers need to know */
.developers { display: flex; flex-direction: column; gap: 0.75rem; padding-block-start: 1.25rem; border-block-start: 1px solid var(--line); font-size: 0.875rem; }
.developers h2, .developers .facts { font-size: 0.875rem; }

/* Boxes */
.box {
  display: flex; gap: 0.75rem; padding: 0.875rem 1rem; border-radius: var(--round); background: var(--inset);
  font-size: 0.9375rem; line-height: 1.45; text-wrap: pretty;
}
.box .icon { margin-block-start: 0.05rem; color: var(--muted); }
.box > :not(.icon) { flex: 1; min-width: 0; }
.box p + p { margin-block-start: 0.5rem; }
.box.done { background: var(--good-ground); }
.box.done .icon { color: var(--good); }
.box.problem, .box.warning { background: var(--bad-ground); }
.box.problem .icon, .box.warning .icon { color: var(--bad); }
.box.caution { background: var(--care-ground); }
.box.caution a, .box.problem a, .box.warning a { color: inherit; }
.box.caution .icon { color: var(--care); }
.names { display: flex; flex-wrap: wrap; gap: 0.375rem; }
code { padding: 0.125em 0.4em; border-radius: 6px; font-size: 0.875em; overflow-wrap: anywhere; white-space: normal; }
.box code { background: var(--card); }

/* Codes */
.compare { display: flex; flex-direction: column; gap: 0.75rem; margin: 0; padding: 1.25rem 1rem 1.375rem; border-radius: 14px; background: var(--inset); text-align: center; }
.compare h2 { font-weight: 500; font-size: 0.9375rem; color: var(--muted); }
.code {
  font-family: var(--mono); font-size: 2rem; line-height: 1.1; white-space: nowrap; overflow-wrap: normal;
  font-variant-numeric: slashed-zero; color: var(--letters);
}
.code b { font-weight: 600; letter-spacing: 0.09em; margin-inline-end: -0.09em; }
.code i { margin-inline: 0.2em; color: var(--muted); font-style: normal; font-weight: 400; }
@media (min-width: 30rem) { .code { font-size: 2.375rem; } }

/* Things in a list, one under the other */
.rows { display: flex; flex-direction: column; gap: 0; padding: 0; }
.rows > li { position: relative; list-style: none; margin: 0; padding-block: 0.875rem; }
.rows > li + li { border-block-start: 1px solid var(--line); }
.rows:not(.panel) > li:first-child { padding-block-start: 0; }
.rows:not(.panel) > li:last-child { padding-block-end: 0; }
.rows.panel { padding: 0.25rem 1.5rem; }
.row-head { display: flex; align-items: center; gap: 0.375rem 0.875rem; }
.row-head.top { align-items: flex-start; }
.row-name { flex: 1 1 12rem; min-width: 0; }
.row-name :is(h2, h3) { font-size: 1rem; line-height: 1.4; }
.row-name .sub { font-size: 0.875rem; }
.row-name .names { margin-block-start: 0.5rem; }
.row-name h2 .aside { font-size: 0.875rem; font-weight: 400; }
.row-badges, .row-actions { display: flex; flex-wrap: wrap; flex: none; align-items: center; justify-content: flex-end; gap: 0.5rem; min-width: 0; }
.row-badges { max-width: 45%; }
.rows h2 a { color: var(--letters); text-decoration: none; }
.rows h2 a::after { content: ''; position: absolute; inset: 0 -1.5rem; }
.rows li:has(h2 a):hover h2 a { color: var(--brand-link); text-decoration: underline; text-underline-offset: 0.2em; }
.initial { font-weight: 600; border-radius: 50%; }
.edit { display: inline-flex; align-items: center; min-height: 2.75rem; padding-inline: 0.5rem; margin: -0.625rem -0.5rem; font-size: 0.9375rem; }
.folding > details > summary { position: absolute; inset-block-start: 0.9375rem; inset-inline-end: 0; min-height: 2.75rem; margin: 0; padding-block: 0.625rem; font-size: 0.9375rem; }
.rows:not(.panel) > .folding:first-child > details > summary { inset-block-start: 0.0625rem; }
.folds > .folding .row-head { padding-inline-end: 6.5rem; min-height: 2.75rem; }
.change-body, .folding .danger-body { display: flex; flex-direction: column; gap: 1.25rem; margin-block-start: 0.875rem; padding: 1.25rem; border-radius: var(--round); background: var(--inset); }
.change-body form { max-width: 30rem; }
.change-body form.apart { padding-block-start: 1.25rem; border-block-start: 1px solid var(--line); }
@media (max-width: 36rem) {
  .row-head { flex-wrap: wrap; align-items: flex-start; }
  .row-name { flex-basis: calc(100% - 3.5rem); }
  .row-badges, .row-actions { flex-shrink: 1; justify-content: flex-start; max-width: calc(100% - 3.375rem); margin-inline-start: 3.375rem; }
  .row-head.top .row-badges { max-width: none; margin-inline-start: 0; }
  .row-head.top .row-name { flex-basis: 100%; }
  .folds > .folding .row-head { padding-inline-end: 0; }
  .rows.panel { padding-inline: 1.25rem; }
  .folding > details > summary, .rows:not(.panel) > .folding:first-child > details > summary { position: static; width: max-content; margin: 0 0 -0.625rem 3.375rem; }
  .folding > details[open] > summary { margin: 0 0 0 3.375rem; }
}

/* Tables */
.data { margin: 0; font-size: 0.9375rem; }
.data :is(th, td) { padding: 0.75rem 1rem; border: 0; background: none; color: inherit; text-align: start; vertical-align: middle; font-weight: 400; }
.data thead th { padding-block: 0.5rem; color: var(--muted); font-size: 0.8125rem; font-weight: 500; white-space: nowrap; }
.data tbody tr > * { border-block-start: 1px solid var(--line); }
.data :is(th, td):first-child { padding-inline-start: 1.5rem; }
.data :is(th, td):last-child { padding-inline-end: 1.5rem; }
.data .keep { overflow-wrap: normal; }
/* Columns are not narrower than a word; only names that people chose can be divided, and these columns leave them space. */
.data td { overflow-wrap: break-word; }
.data tbody th .named > div { min-width: 6.5rem; }
@media (min-width: 44.01rem) { .data td:has(bdi) { min-width: 8rem; } }
.data .number { text-align: end; font-variant-numeric: tabular-nums; }
.panel.flush { gap: 0.75rem; padding-inline: 0; padding-block-end: 0.25rem; }
.panel.flush > :is(h2, p) { padding-inline: 1.5rem; }
.named { display: flex; align-items: flex-start; gap: 0.75rem; min-width: 0; }
.named > div { min-width: 0; }
.named a { font-weight: 600; color: var(--letters); text-decoration: none; }
.named a:hover { color: var(--brand-link); text-decoration: underline; text-underline-offset: 0.2em; }
.kind { flex: none; padding-block-start: 0.125rem; color: var(--muted); }
.id { display: block; color: var(--muted); font-family: var(--mono); font-size: 0.8125rem; }
@media (max-width: 44rem) {
  .foldable, .foldable tbody, .foldable tr, .foldable :is(th, td) { display: block; }
  .foldable thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .foldable tbody tr { padding: 0.875rem 1.25rem; border-block-start: 1px solid var(--line); }
  .data.foldable tbody tr > * { padding: 0; border: 0; text-align: start; }
  .data.foldable tbody td { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: 0.5rem; margin: 0.125rem 0 0 2rem; font-size: 0.875rem; }
  .data.foldable td::before { content: attr(data-label); color: var(--muted); }
  .data.foldable tbody th { margin-block-end: 0.5rem; }
  .panel.flush > :is(h2, p) { padding-inline: 1.25rem; }
}
@media (max-width: 24rem) {
  .data.foldable tbody td { grid-template-columns: 6rem minmax(0, 1fr); margin-inline-start: 0; }
}
.sortable thead a { display: inline-flex; align-items: center; gap: 0.25rem; min-height: 1.5rem; color: inherit; text-decoration: none; }
.sortable thead a:hover { color: var(--letters); text-decoration: underline; text-underline-offset: 0.2em; }
.sortable thead [aria-sort] a { color: var(--letters); font-weight: 600; }
.sortable thead [aria-sort=ascending] a::after { content: '↑' / ''; }
.sortable thead [aria-sort=descending] a::after { content: '↓' / ''; }
@media (max-width: 44rem) {
  /* What sorts stays, above the cards. */
  .sortable thead { position: static; width: auto; height: auto; clip-path: none; }
  .sortable thead tr { display: flex; flex-wrap: wrap; gap: 0 1.25rem; padding-inline: 1.25rem; }
  .data.sortable thead th { padding: 0; }
  .sortable thead th:not(:has(a)) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .sortable thead a { min-height: 2.75rem; }
}
.search { display: block; }
.search form { flex-flow: row wrap; align-items: flex-start; gap: 0.5rem; }
.search .field { flex: 1 1 12rem; max-width: 22rem; }
.search .field input { border-radius: var(--round); }
@media (min-width: 44.01rem) { .sortable td time { white-space: nowrap; } }
.search .edit { min-height: 2.875rem; margin: 0; }
.token-hint { font-family: var(--mono); font-size: 0.9375em; white-space: nowrap; }
.plain-list { display: flex; flex-direction: column; gap: 0.25rem; padding: 0; }
.plain-list li { margin: 0; list-style: none; }
.limits { border-block: 1px solid var(--line); }
.limits[open] { display: flow-root; padding-block-end: 1rem; }
.only { margin-block-start: 1rem; padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: var(--round); }
.only > legend { margin: 0; padding-inline: 0.375rem; font-size: 0.9375rem; font-weight: 600; }
.only > * + .checks { margin-block-start: 1rem; }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); align-items: start; gap: 1rem 2.5rem; padding-block: 0.25rem 0.5rem; }
.numbers .data { font-size: 0.875rem; }
.numbers .data :is(th, td) { padding: 0.375rem 0.5rem; }
.numbers .data :is(th, td):first-child { padding-inline-start: 0; }
.numbers .data :is(th, td):last-child { padding-inline-end: 0; }
.numbers .data thead th { white-space: normal; }

/* Bars */
.panel > .panel-head + .sub, .panel > h2 + .sub { margin-block-start: -0.875rem; }
.panel-head > form { margin-block: -0.625rem; }
.panel-head, .usage-head { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1rem; }
.panel-head a { display: inline-flex; align-items: center; min-height: 2.75rem; margin-block: -0.625rem; font-size: 0.9375rem; }
.usage-head p { color: var(--muted); font-size: 0.9375rem; }
.usage-head strong { color: var(--letters); font-variant-numeric: tabular-nums; }
.chart { position: relative; margin: 0; }
.chart-most { position: absolute; inset-block-start: -0.625rem; inset-inline-start: 0; padding-inline-end: 0.5rem; background: var(--card); color: var(--muted); font-size: 0.8125rem; line-height: 1.25rem; font-variant-numeric: tabular-nums; }
.bars { display: block; width: 100%; height: 7rem; border-block: 1px dashed var(--line); border-block-end: 1px solid var(--control); fill: var(--brand-edge); }
.bars rect:hover { fill: var(--brand-link-hover); }
.chart-days { display: flex; justify-content: space-between; margin-block-start: 0.375rem; color: var(--muted); font-size: 0.8125rem; }

/* What happened */
.events { display: flex; flex-direction: column; gap: 0.625rem; padding: 0; }
.events li { display: grid; grid-template-columns: 0.5rem minmax(0, 1fr) auto; align-items: baseline; gap: 0 0.75rem; margin: 0; list-style: none; font-size: 0.9375rem; }
.events li::before { content: ''; width: 0.5rem; height: 0.5rem; border-radius: 50%; background: var(--control); transform: translateY(-0.0625rem); }
.events li.good::before { background: var(--good); }
.events li.bad::before { background: var(--bad); }
.events time { color: var(--muted); font-size: 0.875rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
.day { display: flex; flex-direction: column; gap: 0.875rem; }
.day + .day { padding-block-start: 1.25rem; border-block-start: 1px solid var(--line); }
.day h2 { color: var(--muted); font-size: 0.875rem; font-weight: 500; }
.pager { display: flex; flex-wrap: wrap; justify-content: center; gap: 0.75rem; }
.more { text-align: center; }
@media (max-width: 30rem) {
  .events li { grid-template-columns: 0.5rem minmax(0, 1fr); }
  .events time { grid-column: 2; }
}

/* What can be copied */
.code-block { position: relative; margin: 0; min-width: 0; border: 1px solid var(--line); border-radius: var(--round); background: var(--inset); overflow: hidden; }
.code-block:has(:focus-visible) { overflow: visible; }
.code-block figcaption { display: flex; align-items: center; min-height: 2.75rem; padding: 0.5rem 1rem; border-block-end: 1px solid var(--line); color: var(--muted); font-size: 0.8125rem; font-weight: 500; }
.code-scroll { overflow: auto; border-radius: 0 0 var(--round) var(--round); }
.code-scroll pre { width: max-content; min-width: 100%; margin: 0; padding: 0.875rem 1rem; background: none; color: var(--letters); direction: ltr; text-align: left; }
.code-scroll code { display: block; padding: 0; border-radius: 0; background: none; font-family: var(--mono); font-size: 0.8125rem; line-height: 1.6; white-space: pre; overflow-wrap: normal; tab-size: 2; }
.code-block.wraps pre { width: auto; }
.code-block.wraps code { white-space: pre-wrap; overflow-wrap: anywhere; }
.copyable { display: block; padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: var(--round); background: var(--inset); font-family: var(--mono); font-size: 0.875rem; line-height: 1.5; user-select: all; }
.copying { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 0.5rem; }
.copying .copyable { flex: 1 1 16rem; min-width: 0; }
button.copy { width: auto; min-width: 5.5rem; min-height: 2.875rem; margin: 0; padding: 0.25rem 1rem; border: 1px solid var(--control); border-radius: var(--round); background: transparent; color: var(--letters); font-size: 0.9375rem; font-weight: 600; line-height: 1.3; box-shadow: none; }
button.copy:is(:hover, :active) { background: var(--inset); color: var(--letters); }
.code-block button.copy { position: absolute; inset-block-start: 0; inset-inline-end: 0; min-width: 0; min-height: 2.75rem; border-color: transparent; color: var(--brand-link); font-size: 0.8125rem; }
.code-block:has(button.copy:not([hidden])) figcaption { padding-inline-end: 6rem; }
.mono { font-family: var(--mono); }
h3 .mono, button .mono { font-size: 0.9375em; }
.credentials { display: grid; gap: 0.875rem; }
.credentials > div { display: grid; grid-template-columns: 8rem minmax(0, 1fr); align-items: baseline; gap: 0.25rem 1rem; }
.credentials dt { color: var(--muted); font-size: 0.9375rem; font-weight: 400; }
.credentials dd { margin: 0; min-width: 0; }
@media (max-width: 36rem) { .credentials > div { grid-template-columns: minmax(0, 1fr); } }
a code { color: inherit; }
.stack { display: flex; flex-direction: column; align-items: flex-start; gap: 0.25rem; }

/* Choices among APIs */
.account-page .choose ul { display: inline-flex; flex-wrap: wrap; gap: 0.25rem; margin: 0; padding: 0.1875rem; border: 1px solid var(--line); border-radius: 12px; background: var(--card); }
.choose li { display: block; max-width: 100%; padding: 0; }
.choose a { display: flex; align-items: center; min-height: 2.75rem; margin: 0; padding: 0.25rem 1.125rem; border-radius: 8px; color: var(--letters); font-size: 0.9375rem; font-weight: 500; text-decoration: none; }
.choose a[aria-current] { background: var(--line); font-weight: 600; }
.choose { display: flex; flex-wrap: wrap; align-items: center; justify-content: flex-start; gap: 0.75rem; }
.choose .label { color: var(--muted); font-size: 0.9375rem; }

/* Roles */
.verdicts { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; padding: 0; }
.verdicts li { display: flex; gap: 0.5rem; margin: 0; list-style: none; font-size: 0.9375rem; }
.verdicts .icon { width: 1.125rem; height: 1.125rem; margin-block-start: 0.15rem; }
.verdicts .yes .icon { color: var(--good); }
.verdicts .no .icon { color: var(--muted); }
.syntax { display: grid; gap: 0.5rem; padding-block-end: 0.5rem; font-size: 0.875rem; }
.syntax > div { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: 1rem; }
.syntax dt, .syntax dd { margin: 0; font-weight: 400; }
.syntax dd { color: var(--muted); }
.help { margin-block-start: -0.75rem; }
@media (max-width: 30rem) { .syntax > div { grid-template-columns: minmax(0, 1fr); gap: 0.125rem; } }

/* What ends things */
.danger-panel { gap: 0.75rem; }
.danger-panel > details { border-block-start: 1px solid var(--line); padding-block-start: 0.25rem; margin: 0; }
.danger-panel > details:last-child:not([open]) { margin-block-end: -0.75rem; }
.danger-panel > h2 + details { border: 0; padding: 0; }
.danger-panel .danger-body { padding-block-end: 0.75rem; }
.danger-body { display: flex; flex-direction: column; gap: 1rem; color: var(--muted); font-size: 0.9375rem; }
.danger-body form { max-width: 30rem; color: var(--letters); }
.danger-body button { align-self: flex-start; }
.ending { display: grid; gap: 0.25rem; margin: 0; padding-inline-start: 1.25rem; }
.ending li { margin: 0; list-style: disc; }
.panel-row { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.75rem 2rem; }
.panel-row .sub { flex: 1 1 16rem; }

/* What an app may do */
.asks { display: flex; flex-direction: column; gap: 0.875rem; margin: 0; }
.scopes { display: flex; flex-direction: column; gap: 0.5rem; }
.scopes + .scopes { margin-block-start: 0.25rem; }
.scopes h3 { color: var(--muted); font-weight: 500; }
.scopes ul { display: flex; flex-direction: column; gap: 0.375rem; padding: 0; }
.scopes li { display: flex; gap: 0.625rem; margin: 0; list-style: none; font-size: 0.9375rem; }
.scopes li .icon { width: 1.125rem; height: 1.125rem; margin-block-start: 0.15rem; color: var(--good); }
.scopes li > span { flex: 1; min-width: 0; }
details { border: 0; padding: 0; }
details summary, details[open] > summary { margin: 0; padding-block: 0.6875rem; font-size: 0.9375rem; font-weight: 500; line-height: 1.5; }
details[open] > summary { margin-block-end: 0.25rem; }
form details > * + .field { margin-block-start: 1.125rem; }
details .scopes + .scopes { margin-block-start: 1rem; }
.panel > details { border-block-start: 1px solid var(--line); padding-block-start: 0.25rem; }
.panel > details + details { margin-block-start: -1rem; }
.panel > details[open] + details { margin-block-start: 0; }
.panel > details:last-child:not([open]) { margin-block-end: -1.125rem; }
details.danger {
  --pico-accordion-close-summary-color: var(--bad);
  --pico-accordion-open-summary-color: var(--bad);
  --pico-accordion-active-summary-color: var(--bad);
}
details.danger > p { margin-block-end: 1rem; color: var(--muted); font-size: 0.9375rem; }

/* Forms */
form { display: flex; flex-direction: column; gap: 1.125rem; }
form.inline { display: inline-flex; }
.field { display: flex; flex-direction: column; min-width: 0; }
form > details > .field { margin-block-start: 1.25rem; }
fieldset.field { padding: 0; border: 0; }
.field label, .field .label, .field legend, .choice legend { margin: 0 0 0.375rem; padding: 0; font-size: 0.9375rem; font-weight: 600; line-height: 1.4; }
.field :is(input:not([type=hidden]), select, textarea) { height: auto; min-height: 2.875rem; margin: 0; background-color: var(--card); font-size: 1rem; }
.field :is(.mono, textarea) { font-family: var(--mono); font-size: 0.9375rem; }
.field select { text-overflow: ellipsis; }
@media (max-width: 22rem) { .panel { padding: 1rem; } .field select { padding-inline: 0.625rem 1.75rem; background-position: center right 0.375rem; } }
.field textarea { line-height: 1.5; resize: vertical; }
.field ::placeholder { color: var(--muted); opacity: 1; }
.optional { color: var(--muted); font-weight: 400; }
.beside { display: flex; align-items: flex-start; gap: 0.5rem; }
.beside > .field { flex: 1 1 auto; }
.beside > input { flex: 1 1 6rem; }
.beside > select { flex: 0 1 9rem; }
.beside > button[type=submit] { flex: none; margin-block-start: 1.6875rem; }
.field input[readonly] { background-color: var(--inset); border-color: var(--line); color: var(--muted); }
.hint { margin-block-start: 0.375rem; color: var(--muted); font-size: 0.875rem; line-height: 1.45; text-wrap: pretty; }
.field-problem { margin-block-start: 0.375rem; color: var(--bad); font-size: 0.875rem; font-weight: 500; }
.fixed { line-height: 1.5; }
.field input.code-field:not([type=hidden]) {
  padding-block: 0.75rem; padding-inline: 0.5rem; background-image: none; font-family: var(--mono); font-size: 1.625rem; font-weight: 600; letter-spacing: 0.09em;
  text-align: center; text-transform: uppercase;
}
.choice { padding: 0; border: 0; }
.choice > div { display: flex; flex-wrap: wrap; gap: 0.5rem; }
.choice > div:has(> :nth-child(4)) { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); }
.choice label {
  display: flex; align-items: center; gap: 0.5rem; flex: 1 1 auto; width: auto; min-height: 2.875rem; margin: 0; padding-inline: 0.875rem; border: 1px solid var(--control);
  border-radius: var(--round); font-size: 0.9375rem; cursor: pointer;
}
.choice label:has(:checked) { border-color: var(--brand-edge); box-shadow: inset 0 0 0 1px var(--brand-edge); font-weight: 600; }
.choice label:has(:focus-visible) { outline: 3px solid var(--brand-link); outline-offset: 2px; }
.choice input { flex: none; width: 1.125rem; height: 1.125rem; margin: 0; accent-color: var(--brand-edge); appearance: auto; border: 0; background: none; }
.choice input:focus-visible { outline: none; }
.expiry-date { max-width: 20rem; margin-block-start: 0.875rem; }
.expiry:not(:has([value=date]:checked)) .expiry-date { display: none; }
.panel > form.roomy { max-width: 42rem; }
/* One of a few, with a sentence each */
.cards > div { display: flex; flex-direction: column; }
.cards.wide > div { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
.cards label { align-items: flex-start; gap: 0.75rem; width: auto; padding: 0.875rem; }
.cards label:has(:checked) { font-weight: 400; background: var(--inset); }
.cards input { margin-block-start: 0.15rem; }
.card-text { display: flex; flex-direction: column; gap: 0.125rem; min-width: 0; }
.card-label { display: flex; align-items: center; gap: 0.5rem; font-weight: 600; }
.card-label .icon { width: 1.125rem; height: 1.125rem; color: var(--muted); }
.card-description { color: var(--muted); font-size: 0.875rem; line-height: 1.45; }
.checks legend { margin: 0 0 0.25rem; font-size: 0.9375rem; font-weight: 600; }
.checks { margin: 0; }
.checks label { display: flex; align-items: flex-start; gap: 0.75rem; width: auto; min-height: 2.75rem; margin: 0; padding-block: 0.625rem; font-size: 0.9375rem; }
.checks input { flex: none; width: 1.125rem; height: 1.125rem; margin: 0.2rem 0 0; accent-color: var(--brand-edge); appearance: auto; border: 0; background: none; }
.check-description { color: var(--muted); }
.card .check-description { display: block; font-size: 0.875rem; line-height: 1.45; }
.qr { width: 12.5rem; height: 12.5rem; border-radius: 10px; background: #fff; }
.key { overflow-wrap: anywhere; }
.recovery-codes { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 0.25rem 1.5rem; margin: 0; padding-inline-start: 2rem; }
.narrow { display: flex; flex-direction: column; gap: 1.125rem; max-width: 30rem; }
.form-end { display: flex; flex-wrap: wrap; gap: 0.75rem; padding-block-start: 0.25rem; }

button[type=submit], .button {
  display: inline-flex; align-items: center; justify-content: center; width: auto; min-height: 2.875rem; margin: 0; padding: 0.5rem 1.25rem;
  border: 1px solid var(--brand-edge); border-radius: var(--round); background: var(--brand); color: var(--brand-letters);
  font-size: 1rem; font-weight: 600; line-height: 1.3; text-align: center; text-decoration: none; box-shadow: none; cursor: pointer;
}
button[type=submit]:is(:hover, :active), .button:is(:hover, :active) { background: var(--brand-hover); color: var(--brand-letters); text-decoration: none; }
button.plain[type=submit], .button.plain { background: transparent; border-color: var(--control); color: var(--letters); }
button.plain[type=submit]:is(:hover, :active), .button.plain:is(:hover, :active) { background: var(--inset); color: var(--letters); }
button.quiet[type=submit] { min-height: 2.75rem; padding: 0.25rem 0.5rem; margin-inline: -0.5rem; border-color: transparent; background: transparent; color: var(--brand-link); font-size: 0.9375rem; font-weight: 500; white-space: nowrap; }
button.quiet[type=submit]:is(:hover, :active) { background: transparent; color: var(--brand-link-hover); text-decoration: underline; text-underline-offset: 0.2em; }
.button.plain.bad { color: var(--bad); }
button.danger[type=submit] { display: inline-block; max-width: 100%; border-color: var(--bad-fill); background: var(--bad-fill); color: #ffffff; }
button.danger[type=submit]:is(:hover, :active) { background: color-mix(in srgb, var(--bad-fill) 86%, black); color: #ffffff; }
button.small[type=submit] { min-height: 2.75rem; padding-inline: 1rem; font-size: 0.9375rem; }
button[type=submit] { display: inline-block; max-width: 100%; }
button.wide[type=submit], .button.wide { width: 100%; }
.panel form > button { align-self: flex-start; }
.buttons { display: flex; flex-direction: column; gap: 0.75rem; }
.buttons button[type=submit] { width: 100%; }
.passkey [role=status]:empty { position: absolute; }
@media (prefers-reduced-motion: no-preference) {
  button, .button, .bar nav a, .menu > summary { transition: background-color 0.15s, border-color 0.15s, color 0.15s; }
}
@media (prefers-reduced-motion: reduce) { *, ::before, ::after { transition: none !important; animation: none !important; } }
`;
