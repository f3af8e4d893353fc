/** Prepares the OpenAPI document for the pages of the API reference. */
import type {
  Reference,
  ReferenceField,
  ReferenceGroup,
  ReferenceOperation,
  ReferenceParameter,
} from '../../../views/api-reference/props.ts';
import {
  type ApiDocument,
  type DescribedOperation,
  nameOfRef,
  type Parameter,
  resolveSchema,
  type Schema,
} from './open-api.ts';
import { sampleOf, toJson } from './samples.ts';

export const referencePath = '/docs';

const slugOf = (tag: string): string => tag.toLowerCase().replaceAll(' ', '-');

export function createReference(document: ApiDocument): Reference {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ path, method, described })),
  );
  const groups: ReferenceGroup[] = document.tags.map(({ name, description }) => ({
    name,
    href: `${referencePath}/${slugOf(name)}`,
    description,
    operations: operations
      .filter(({ described }) => described.tags.includes(name))
      .map(({ path, method, described }) => toOperation(document, path, method, described)),
  }));
  const { title, description } = document.info;
  return { title, description, groups };
}

function toOperation(
  document: ApiDocument,
  path: string,
  method: string,
  { operationId, summary, description, security, requestBody, ...described }: DescribedOperation,
): ReferenceOperation {
  const parameters = (described.parameters ?? []).map((each) => toParameter(document, each));
  const schema = requestBody?.content['application/json']?.schema;
  const body = schema && {
    fields: fieldsOf(document, schema),
    example: toJson(sampleOf(document, schema)),
  };
  const [status = '200', success] =
    Object.entries(described.responses).find(([each]) => each < '300') ?? [];
  const answer = success?.content?.['application/json']?.schema;
  return {
    id: operationId,
    method: method.toUpperCase(),
    path,
    summary,
    description,
    scope: security?.flatMap((each) => each['oauth2'] ?? [])[0],
    open: security?.length === 0,
    parameters,
    body,
    response: {
      status,
      description: success?.description ?? '',
      fields: answer ? fieldsOf(document, answer) : [],
      ...(answer && { example: toJson(sampleOf(document, answer)) }),
    },
    errors: errorsOf(document, described.responses),
    curl: curlOf(document, path, method, security?.length === 0, body?.example, described),
  };
}

function errorsOf(
  { components }: ApiDocument,
  responses: DescribedOperation['responses'],
): ReferenceOperation['errors'] {
  return Object.entries(responses)
    .filter(([status]) => status >= '400')
    .map(([status, { $ref, description }]) => ({
      status,
      description: ($ref ? components.responses[nameOfRef($ref)]?.description : description) ?? '',
    }));
}

function toParameter(document: ApiDocument, parameter: Parameter): ReferenceParameter {
  const { name, schema, required = false, description = '' } = parameter;
  const example = schema.example ?? schema.examples?.[0];
  return {
    ...toField(document, name, { description, ...schema }, required),
    in: parameter.in as ReferenceParameter['in'],
    placeholder: example === undefined ? undefined : String(example),
    choices: schema.enum?.map(String),
  };
}

/** The members of an object, of the objects in a list, or of the list that a page has. */
function fieldsOf(document: ApiDocument, schema: Schema, depth = 0): ReferenceField[] {
  const { properties, required = [], items, anyOf } = resolveSchema(document, schema);
  if (depth >= maxDepth) return [];
  if (items) return fieldsOf(document, items, depth);
  const other = anyOf?.find((each) => each.type !== 'null');
  if (!properties) return other ? fieldsOf(document, other, depth) : [];
  return Object.entries(properties).map(([name, each]) =>
    toField(document, name, each, required.includes(name), depth + 1),
  );
}

const maxDepth = 4;

function toField(
  document: ApiDocument,
  name: string,
  schema: Schema,
  required: boolean,
  depth = 0,
): ReferenceField {
  const resolved = resolveSchema(document, schema);
  const description =
    schema.description ??
    resolved.description ??
    resolved.anyOf?.find((each) => each.description)?.description ??
    '';
  const { default: value } = resolved;
  return {
    name,
    type: typeOf(document, schema),
    required,
    description,
    ...(value !== undefined &&
      !description.includes('Default') && { defaultValue: JSON.stringify(value) }),
    fields: fieldsOf(document, schema, depth),
  };
}

function typeOf(document: ApiDocument, schema: Schema): string {
  if (schema.$ref) {
    const resolved = resolveSchema(document, schema);
    return resolved.properties ? nameOfRef(schema.$ref) : typeOf(document, resolved);
  }
  const { type, items, anyOf, enum: values, format, minimum, maximum } = schema;
  if (anyOf) return [...new Set(anyOf.map((each) => typeOf(document, each)))].join(' or ');
  if (values) return values.map((value) => JSON.stringify(value)).join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (type === 'array') return items ? `list of ${typeOf(document, items)}` : 'list';
  const words = [type ?? 'any'].flat().join(' or ');
  if (format === 'date-time') return words.replace('string', 'time (RFC 3339)');
  if (format === 'uri') return words.replace('string', 'URL');
  if (minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER)
    return `${words}, ${minimum} to ${maximum}`;
  return words;
}

/** The call as a command: parameters of the path and required ones of the query with samples. */
function curlOf(
  document: ApiDocument,
  path: string,
  method: string,
  open: boolean | undefined,
  body: string | undefined,
  { parameters = [] }: Pick<DescribedOperation, 'parameters'>,
): string {
  const sample = ({ name, schema }: Parameter) =>
    encodeURIComponent(String(sampleOf(document, schema, name)));
  const address = parameters
    .filter((each) => each.in === 'path')
    .reduce((text, each) => text.replace(`{${each.name}}`, sample(each)), path);
  const query = parameters
    .filter((each) => each.in === 'query' && each.required)
    .map((each) => `${each.name}=${sample(each)}`)
    .join('&');
  const url = document.servers[0]?.url.replace(/\/$/, '') + address + (query && `?${query}`);
  const lines = [
    `curl ${query ? `'${url}'` : url}`,
    ...(method === 'get' || (method === 'post' && body) ? [] : [`-X ${method.toUpperCase()}`]),
    ...(open ? [] : ['-H "Authorization: Bearer $TOKEN"']),
    ...(body ? [`--json '${body.replaceAll("'", "'\\''")}'`] : []),
  ];
  return lines.join(' \\\n  ');
}
