// Makes docs/api.md from the OpenAPI document, so that neither says what the other does not.
import { createApiDocument } from '../src/api/document/document.ts';
import { meanings, statusOf } from '../src/api/document/errors.ts';
import { createOperations } from '../src/api/index.ts';
import { type ErrorCode, OAuthError } from '../src/oauth/errors.ts';

interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  format?: string;
  default?: unknown;
  examples?: unknown[];
}

interface Parameter {
  in: string;
  name: string;
  required?: boolean;
  description?: string;
  schema: Schema;
}

type Content = { 'application/json'?: { schema: Schema } };

interface Described {
  tags: string[];
  summary: string;
  description: string;
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { $ref?: string; content?: Content }>;
}

interface Document {
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, Schema> };
}

const issuer = 'http://localhost:3000';

/** The page of the REST API. */
export function apiPage(): string {
  // What operations are needs nothing of what they work on.
  const operations = createOperations({ database: {} } as never);
  const document = createApiDocument(operations, issuer) as unknown as Document;
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
  return `${head}
${errorTable()}

${groups.join('\n\n')}

## Schemas

What bodies and answers are made of. Bodies take no other fields than these; answers may get more, so
ignore what you do not know.

${schemas.join('\n\n')}
`;
}

const head = `# The REST API

Under \`/api/v1\`, JSON in and out, with a bearer token whose audience is \`ISSUER/api/v1\`: the operator's
API key in \`DATA_DIR/operator.json\`, or an access token of a client that was given the resource and the
scope by name. The API key of a client opens the [tokens](#tokens) that its keys made, and nothing else. A
running server shows this page, to be tried out, at \`/docs\`, and the OpenAPI 3.1 document that it is made
from at \`/api/v1/openapi.json\`.

\`\`\`sh
KEY=$(grep -o 'writ_ak_[A-Za-z0-9]*' data/operator.json)
curl -s ${issuer}/api/v1/clients -H "Authorization: Bearer $KEY"
curl -s ${issuer}/api/v1/clients -H "Authorization: Bearer $KEY" --json '{"client_id":"backend"}'
\`\`\`

An access token for it is got like any other, with \`resource\` naming the API (RFC 8707):

\`\`\`sh
npx writ clients create monitor --resource ${issuer}/api/v1 --scope clients:read
curl -s ${issuer}/connect/token -u monitor:SECRET -d grant_type=client_credentials -d resource=${issuer}/api/v1
\`\`\`

A caller can give a client no more of this API than they have themselves. Of the APIs behind Writ,
\`clients:write\` gives all: a caller who has it can create a client with any role, or add a secret to one. It is a
scope for administrators, like \`roles:write\`, \`resources:write\` and \`accounts:write\`.

## Lists

Every list but the change feed is \`{"items": […], "next": …}\`. Where \`next\` is not null, there is more: ask
again with \`after\` set to it. It is opaque; what it looks like may change. \`limit\` is 1 to 500, and 100
where the caller does not say. What is made or deleted between two pages neither repeats nor hides anything else.

## Two at once

What can be changed has a strong \`ETag\` (RFC 9110 §8.8.3), which is answered wherever the one thing is. Sent
back in \`If-Match\`, it lets a change through only where the thing has not changed since:

\`\`\`sh
curl -si ${issuer}/api/v1/clients/backend -H "Authorization: Bearer $KEY" | grep -i etag
curl -si ${issuer}/api/v1/clients/backend -H "Authorization: Bearer $KEY" -X PATCH -H 'If-Match: "THE-ETAG"' --json '{"client_name":"The backend"}'
\`\`\`

Otherwise the answer is 412: read it again, decide again, send its new tag. Without \`If-Match\` the last one
wins. \`If-None-Match\` on a GET answers 304 to who has the tag already. What changes something and takes no such
condition answers 400 to it, and does nothing.

## Once, although sent twice

Some requests create something with a secret: an app, a client, a client secret, an API key, a token, an invitation. A
caller whose response is lost cannot know whether it was created, and would never see the secret. With an
\`Idempotency-Key\` (draft-ietf-httpapi-idempotency-key-header), a new UUID for each thing to be created, the
request can be sent again for a day: it creates nothing more, and answers the same thing with the same value.

\`\`\`sh
curl -s ${issuer}/api/v1/tokens -H "Authorization: Bearer $API_KEY" -H "Idempotency-Key: $(uuidgen)" \\
  --json '{"subject":{"type":"user","id":"42"},"name":"A laptop"}'
\`\`\`

The key is the caller’s own: another caller’s request with the same key is another request. With another path or body
it is refused (422). Requests that fail make nothing, and do not use it up.

## The end of a token

Each answer to a call with an API key or a personal access token that expires says when, in
\`Writ-Token-Expiration\`, an HTTP-date (RFC 9110 §5.6.7).

## Errors

An error is \`{"error": …, "error_description": …}\` (RFC 6749 §5.2): a code for programs, and one sentence that
says what to do next. Where it is about parameters, \`details\` lists every problem with its place, so that a form
can show each at its field:

\`\`\`json
{
  "error": "invalid_request",
  "error_description": "subject.id: Invalid input: expected string, received number; colour: is not known here",
  "details": [
    { "parameter": "subject.id", "message": "Invalid input: expected string, received number" },
    { "parameter": "colour", "message": "is not known here" }
  ]
}
\`\`\`

A place is written as in JavaScript: \`scope\`, \`subject.type\`, \`redirect_uris[0]\`. The endpoints of the protocol
(\`/connect/…\`) answer with the first two members only.

Every answer of this API has an \`X-Request-Id\`, under which the log has the request.
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

function operationSection(method: string, path: string, described: Described): string {
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
      `Answers: ${answers.join(', ')}; errors ${failures.join(', ')}.`,
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

/** A schema in a few words; a named one by its name. */
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
