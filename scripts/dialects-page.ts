import type { DialectDescription, Feature } from '../src/dialects/framework/dialect.ts';
import { allDialects } from '../src/dialects/index.ts';
import { dialectRouteTable } from '../src/dialects/route-table.ts';

/** docs/dialects.md: for each product how to move, which of its features work with the test of each, and all paths. */
export function dialectsPage(): string {
  return `# Dialects

A dialect supports the clients of another product unmodified: it has the paths, the JSON and the errors of that product. It only
translates. Accounts, clients, tokens, roles, limits, audit events and the change feed are Writ's own, so a token that was
created through a dialect is introspected, listed on the pages, revoked and audited like every other. Its audit events have
the name of the dialect in \`details.dialect\`.

\`DIALECTS\` switches them on: \`DIALECTS=squidex,bloq\`, \`all\` or \`none\`. On the embedded database all are on, on
Postgres none unless named. The pages on which people choose an API offer those of named dialects only. \`writ dialects\` prints the
table of paths. When a dialect is switched on, Writ creates the
resource of its tokens. A token that the product calls unrestricted can do everything at that resource and nothing at Writ's
own API. \`GET /\` redirects to a page that responds 200, which is how some clients check that the server is up.

${allDialects.map(sectionOf).join('\n\n')}

## Paths

If two products share a path, the body decides between them.

| path | method | dialect | features |
|---|---|---|---|
${dialectRouteTable()
  .map(
    ({ path, method, dialect, features }) =>
      `| \`${path}\` | ${method} | ${dialect} | ${features.join(', ')} |`,
  )
  .join('\n')}
`;
}

const sectionOf = ({
  title,
  name,
  moving,
  resource,
  features,
}: DialectDescription): string => `## ${title}

- **Set**: ${moving.set}
- **Point the client at**: ${moving.point}
- **What differs**:
${moving.differs.map((paragraph) => `  - ${paragraph}`).join('\n')}

Its name in \`DIALECTS\` is \`${name}\`; the resource of its tokens is \`${resource.identifier}\`.

| | feature | works |
|---|---|---|
${features.map(rowOf).join('\n')}`;

const rowOf = ({ id, feature, shown }: Feature): string =>
  `| ${id} | ${feature} | ${'not' in shown ? `no: ${shown.not}` : `[${shown.test}](../${shown.file})`} |`;
