/** The look of the API reference (`views/api-reference`), on top of that of all pages. */
export const referenceStyle = `
:root { --get: #175ea8; --post: #17693f; --put: #8a4f00; --delete: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --get: #8cc0f5; --post: #74d79f; --put: #f3c560; --delete: #ff9d95; }
}
.reference-page { display: flex; flex-direction: column; }
.reference-bar {
  position: sticky; inset-block-start: 0; z-index: 2; display: flex; align-items: center; gap: 0.5rem 1.25rem;
  width: 100%; min-height: 3.75rem; padding: 0 1.5rem; background: var(--card); border-block-end: 1px solid var(--line);
}
.reference-bar > .brand > span { overflow: hidden; max-width: 12rem; white-space: nowrap; text-overflow: ellipsis; }
.reference-bar a:not(.brand) { display: inline-flex; align-items: center; min-height: 2.75rem; color: var(--muted); font-size: 0.9375rem; font-weight: 500; text-decoration: none; }
.reference-bar a:not(.brand):hover { color: var(--letters); text-decoration: underline; text-underline-offset: 0.2em; }
.reference-who { display: flex; align-items: center; gap: 1.25rem; margin-inline-start: auto; white-space: nowrap; }
.reference-columns { display: grid; grid-template-columns: 15.5rem minmax(0, 1fr); width: 100%; max-width: 90rem; margin-inline: auto; }
.reference-page main { display: flex; flex-direction: column; gap: 1.5rem; min-width: 0; padding: 2.5rem 2.5rem 6rem; }
.reference-page h1 { font-size: 1.75rem; }
.reference-page :is(h2, h3, section)[id] { scroll-margin-block-start: 5rem; }

.contents {
  position: sticky; inset-block-start: 3.75rem; display: block; align-self: start; max-height: calc(100svh - 3.75rem); overflow-y: auto;
  padding: 1.75rem 0.75rem 2.5rem 1.5rem; border-inline-end: 1px solid var(--line);
}
.reference-page nav ul { display: block; margin: 0; padding: 0; }
.reference-page nav li { display: block; padding: 0; list-style: none; }
.reference-page nav a { display: block; margin: 0; padding: 0.3125rem 0.75rem; border-radius: 8px; color: var(--letters); font-size: 0.9375rem; line-height: 1.4; text-decoration: none; }
.reference-page nav a:hover { background: var(--inset); }
.reference-page nav a[aria-current] { background: var(--inset); font-weight: 600; }
.reference-page nav li ul { margin: 0.125rem 0 0.5rem 0.75rem; border-inline-start: 1px solid var(--line); }
.reference-page nav li li a { border-radius: 0 8px 8px 0; color: var(--muted); font-size: 0.875rem; }
.reference-page nav li li a:hover { color: var(--letters); }
.contents-folded { display: none; }

.guide { display: flex; flex-direction: column; gap: 1rem; max-width: 46rem; }
.guide h2 { margin-block-start: 1rem; font-size: 1.1875rem; }
.reference-page :is(.guide, .about) ul:not(.members) { padding-inline-start: 1.25rem; }
.groups { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: 1rem; padding: 0; }
.groups > li { position: relative; gap: 0.375rem; padding: 1.25rem; list-style: none; }
.groups a { color: var(--letters); text-decoration: none; }
.groups a::after { content: ''; position: absolute; inset: 0; }
.groups > li:hover { border-color: var(--control); }
.endpoints { padding: 0.5rem 0; border: 1px solid var(--line); border-radius: 14px; background: var(--card); }
.endpoints li { display: grid; grid-template-columns: 4.75rem minmax(10rem, 20rem) minmax(0, 1fr); align-items: baseline; gap: 0 1rem; margin: 0; padding: 0.4375rem 1.25rem; list-style: none; font-size: 0.9375rem; }
.endpoints code { padding: 0; background: none; color: var(--muted); }
.token-panel { max-width: 46rem; gap: 0.875rem; }
.token-panel form { display: none; }
/* A password field would be filled in by password managers. */
.hidden-letters { -webkit-text-security: disc; }
.token-panel .field { max-width: 30rem; }
.token-panel small { color: var(--muted); font-size: 0.875rem; margin-block: 0.375rem 0; }

.operation { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1.5rem 2.5rem; padding-block-start: 2.5rem; border-block-start: 1px solid var(--line); margin-block-start: 1rem; }
.operation > div { display: flex; flex-direction: column; gap: 1rem; min-width: 0; }
.operation > .examples { position: sticky; inset-block-start: 5rem; align-self: start; }
.operation h2 { font-size: 1.25rem; letter-spacing: -0.01em; }
.operation h2 a { color: inherit; text-decoration: none; }
.operation h2 a:hover { text-decoration: underline; text-underline-offset: 0.2em; }
.operation h3 { margin-block-start: 0.75rem; padding-block-end: 0.5rem; border-block-end: 1px solid var(--line); }
.endpoint { display: flex; align-items: baseline; gap: 0.625rem; }
.endpoint code { padding: 0; background: none; color: var(--letters); }
.method { font-family: var(--mono); font-size: 0.75rem; font-weight: 700; letter-spacing: 0.02em; }
.method.get { color: var(--get); }
.method.post { color: var(--post); }
.method:is(.put, .patch) { color: var(--put); }
.method.delete { color: var(--delete); }

.members { padding: 0; margin-block-start: -0.5rem; }
.members > li { display: flex; flex-direction: column; gap: 0.25rem; margin: 0; padding-block: 0.75rem; list-style: none; font-size: 0.9375rem; }
.members > li + li { border-block-start: 1px solid var(--line); }
.member { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.5rem; }
.member-name { padding: 0; background: none; font-size: 0.875rem; font-weight: 600; color: var(--letters); }
.member-type { color: var(--muted); font-size: 0.8125rem; }
.member-required { color: var(--care); font-size: 0.8125rem; font-weight: 600; }
.nested { margin-block-start: 0.25rem; padding: 0.125rem 0.875rem; border: 1px solid var(--line); border-radius: var(--round); }
.nested > .members { margin-block-start: 0; }
.reference-page details > summary { display: flex; align-items: center; min-height: 2.5rem; margin: 0; color: var(--letters); font-size: 0.9375rem; font-weight: 600; }
.reference-page .nested > summary { min-height: 2.25rem; font-size: 0.875rem; font-weight: 500; }
.folded { padding: 0.25rem 1rem; border: 1px solid var(--line); border-radius: var(--round); background: var(--card); }
.folded > .members { margin-block-start: 0; }
.folded .members p { text-wrap: pretty; }
.reference-page details > summary::after { margin-inline-start: auto; }

.try form { display: flex; flex-direction: column; gap: 0.875rem; padding-block: 0.5rem 0.75rem; }
.try .result { display: flex; flex-direction: column; gap: 0.5rem; }
.try .result:not(:empty) { padding-block: 0.5rem 0.75rem; }
.reference-page .code-scroll { max-height: 32rem; }
.try .code-scroll { border: 1px solid var(--line); border-radius: var(--round); background: var(--inset); }
.status { font-weight: 600; }
.status.good { color: var(--good); }
.status.bad { color: var(--bad); }

@media (max-width: 75rem) {
  .operation { grid-template-columns: minmax(0, 1fr); }
  .operation > .examples { position: static; }
}
@media (max-width: 56rem) {
  .reference-columns { display: block; }
  .contents { display: none; }
  .contents-folded { display: block; padding: 0.25rem 1.5rem; background: var(--card); border-block-end: 1px solid var(--line); }
  .contents-folded nav { display: block; padding-block: 0.25rem 1rem; }
  .reference-page main { padding: 1.75rem 1.5rem 4rem; }
  .endpoints li { grid-template-columns: 4.25rem minmax(0, 1fr); gap: 0 0.5rem; }
  .endpoints code { grid-column: 2; }
}
@media (max-width: 36rem) {
  .reference-bar { gap: 0.5rem 1rem; padding-inline: 1rem; }
  .reference-bar > .brand > span, .reference-home { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .reference-bar .reference-home { position: static; width: auto; height: auto; clip-path: none; }
  .contents-folded, .reference-page main { padding-inline: 1rem; }
  .endpoints { padding-block: 0.25rem; }
  .endpoints li { padding-inline: 1rem; }
}
`;
