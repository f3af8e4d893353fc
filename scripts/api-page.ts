// Generates docs/api.md from the OpenAPI document.
import { createApiDocument } from '../src/api/document/document.ts';
import { meanings, statusOf } from '../src/api/document/errors.ts';
import { createOperations } from '../src/api/index.ts';
import { type ErrorCode, OAuthError } from '../src/oauth/errors.ts';
import type {
  ApiDocument,
  DescribedOperation,
  Parameter,
  Schema,
} from '../src/web/api-reference/open-api.ts';

const issuer = 'http://localhost:3000';

/** Markdown: the introduction, the operations by noun, and the schemas. */
export function apiPage(): string {
  // Declaring operations does not use their dependencies.
  const operations = createOperations({ database: {} } as never);
  const document = createApiDocument(operations, issuer) as unknown as ApiDocument;
  const { tags, paths, components } = document;
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ method, path, described })),
  );
  const groups = tags.map(({ name, description }) => {
    const sections = all
      .filter(({ described }) => described.tags.includes(name))
      .map(({ method, path, described }) => operationSection(method, path, described));
    return `## ${name}\n\n${description}\n\n${sections.join('\n\n')}`;
  });
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `### ${name}\n\n${schema.description ? `${schema.description}\n\n` : ''}${fieldTable(schema)}`,
  );
  return `${introduction(document)}
## Error codes

${errorTable()}

${groups.join('\n\n')}

## Schemas

The objects in requests and responses. Requests with other fields are refused; responses can get more fields, so ignore
fields that you do not know.

${schemas.join('\n\n')}
`;
}

/** The introduction of the document. Its links lead to pages of the server; here to sections of this page. */
const introduction = ({ info }: ApiDocument): string =>
  `# The REST API

${info.description.replaceAll(/\(\/docs\/([\w-]+)\)/g, '(#$1)')}

A running server shows this reference at \`/docs\`, where you can try the operations, and the OpenAPI 3.1 document at
\`/api/v1/openapi.json\`.
`;

function errorTable(): string {
  const rows = (Object.entries(meanings) as [ErrorCode, string][])
    .map(([code, meaning]) => ({ code, status: statusOf(code), meaning }))
    .sort((one, other) => one.status - other.status)
    .map(
      ({ code, status, meaning }) =>
        `| ${status} | \`${new OAuthError(code, '').toJSON().error}\` | ${cell(meaning)} |`,
    );
  return ['| status | `error` | meaning |', '|---|---|---|', ...rows].join('\n');
}

function operationSection(method: string, path: string, described: DescribedOperation): string {
  const { summary, description, parameters = [], requestBody, responses } = described;
  const success = Object.entries(responses).filter(([status]) => status < '400');
  const failures = Object.keys(responses).filter((status) => status >= '400');
  const answers = success.map(([status, { content }]) => {
    const schema = content?.['application/json']?.schema;
    return schema ? `${status} with ${typeOf(schema)}` : status;
  });
  const body = requestBody?.content['application/json']?.schema;
  return [
    `### ${summary}`,
    `\`${method.toUpperCase()} ${path}\``,
    description,
    ...(parameters.length > 0 ? [parameterTable(parameters)] : []),
    [
      ...(body ? [`Body: ${typeOf(body)}.`] : []),
      `Responses: ${answers.join(', ')}; errors: ${failures.join(', ')}.`,
    ].join(' '),
  ].join('\n\n');
}

const parameterTable = (parameters: Parameter[]): string =>
  [
    '| parameter | in | type | |',
    '|---|---|---|---|',
    ...parameters.map(
      ({ name, in: place, description = '', schema }) =>
        `| \`${name}\` | ${place} | ${cell(typeOf(schema))} | ${cell(description)}${defaultOf(schema)} |`,
    ),
  ].join('\n');

function fieldTable({ properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(([name, schema]) => {
    const meaning = `${cell(descriptionOf(schema))}${defaultOf(schema)}`;
    return `| \`${name}\`${required.includes(name) ? '' : ' (optional)'} | ${cell(typeOf(schema))} | ${meaning} |`;
  });
  return ['| field | type | |', '|---|---|---|', ...rows].join('\n');
}

const descriptionOf = ({ description, anyOf = [] }: Schema): string =>
  description ?? anyOf.find((each) => each.description)?.description ?? '';

const defaultOf = ({ default: value, description = '' }: Schema): string =>
  value === undefined || description.includes('Default')
    ? ''
    : ` Default: \`${JSON.stringify(value)}\`.`;

/** The type of a schema in a few words; a named schema is a link. */
function typeOf(schema: Schema): string {
  const { $ref, type, items, properties, anyOf, enum: values, format } = schema;
  if ($ref) {
    const name = $ref.split('/').at(-1) ?? '';
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (values) return values.map((value) => `\`${value}\``).join(', ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (type === 'array') return items ? `list of ${typeOf(items)}` : 'list';
  if (properties && Object.keys(properties).length > 0)
    return `{${Object.entries(properties)
      .map(([name, each]) => `\`${name}\`: ${typeOf(each)}`)
      .join(', ')}}`;
  const words = [type].flat().join(' or ');
  return format === 'date-time' ? words.replace('string', 'time (RFC 3339)') : words;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
