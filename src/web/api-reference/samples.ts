/** Sample values of schemas, for the requests and responses that the API reference shows. */
import { type ApiDocument, resolveSchema, type Schema } from './open-api.ts';

/** A value that the schema accepts: its own example if it has one. Optional members are left out unless they have one. */
export function sampleOf(document: ApiDocument, schema: Schema, name = '', depth = 0): unknown {
  const resolved = resolveSchema(document, schema);
  const { example, examples, anyOf, type, properties, items, required = [], ...rest } = resolved;
  if (examples?.length) return examples[0];
  if (example !== undefined) return example;
  if (rest.const !== undefined) return rest.const;
  if (rest.enum) return rest.enum[0];
  if (rest.default !== undefined) return rest.default;
  if (isNull(resolved, name)) return null;
  const other = anyOf?.find((each) => each.type !== 'null');
  if (other) return sampleOf(document, other, name, depth);
  const kinds = [type].flat().filter((kind) => kind !== 'null');
  if (kinds.includes('array'))
    return items && depth < maxDepth ? [sampleOf(document, items, name, depth + 1)] : [];
  if (properties || kinds.includes('object')) {
    if (depth >= maxDepth) return {};
    return Object.fromEntries(
      Object.entries(properties ?? {})
        .filter(([field, each]) => required.includes(field) || hasExample(document, each))
        .map(([field, each]) => [field, sampleOf(document, each, field, depth + 1)]),
    );
  }
  if (kinds.includes('boolean')) return false;
  if (kinds.includes('integer') || kinds.includes('number')) return Math.max(1, rest.minimum ?? 1);
  if (kinds.includes('string')) return sampleString(rest, name);
  return null;
}

const maxDepth = 6;

const hasExample = (document: ApiDocument, schema: Schema): boolean => {
  const { example, examples } = resolveSchema(document, schema);
  return example !== undefined || examples !== undefined;
};

/** Nullable members are null in most responses, except for objects and for times that most things have. */
function isNull({ type, anyOf = [] }: Schema, name: string): boolean {
  const nullable = [type].flat().includes('null') || anyOf.some((each) => each.type === 'null');
  const isObject = anyOf.some((each) => each.$ref || each.properties);
  return nullable && !isObject && !/^(expires_at|last_\w+_at|name|email|hint|scope)$/.test(name);
}

function sampleString({ format }: Schema, name: string): string {
  if (format === 'date-time') return '2030-01-01T09:00:00Z';
  if (format === 'date') return '2030-01-01';
  if (format === 'email') return 'ada@example.com';
  if (format === 'uri' || name.endsWith('_uri')) return 'https://www.example.com/';
  if (name === 'token_id') return 'tok_001MFdX3kq9vT2bYw8LrNcZ5';
  if (name === 'client_id') return 'backend';
  if (name === 'id' || name.endsWith('_id')) return '0198c0de-0000-7000-8000-000000000000';
  if (name === 'email') return 'ada@example.com';
  if (name === 'name' || name === 'display_name') return 'Example';
  if (/^(resources?|resource_server_for|identifier|audience)$/.test(name))
    return 'https://api.example.com';
  if (name === 'redirect_uris') return 'https://www.example.com/callback';
  if (name === 'scope' || name === 'scopes') return 'things:read';
  if (/^(permissions|entitlements)$/.test(name)) return 'things.read';
  if (/^roles?$/.test(name)) return 'reader';
  if (name === 'token') return 'writ_tk_…';
  if (name === 'client_secret') return 'writ_cs_…';
  if (name === 'api_key') return 'writ_ak_…';
  if (name === 'hint') return 'x7Qd';
  if (name === 'ip') return '192.0.2.1';
  return '…';
}

/** A JSON value with two spaces of indentation; short lists stay on one line. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replaceAll(/\[\s+("[^"]{0,60}"|\d+)\s+\]/g, '[$1]');
