/** The parts of an OpenAPI 3.1 document that the API reference and `docs/api.md` read. */

export interface Schema {
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
  example?: unknown;
  examples?: unknown[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
}

export interface Parameter {
  in: string;
  name: string;
  required?: boolean;
  description?: string;
  schema: Schema;
}

type Content = { 'application/json'?: { schema: Schema } };

export interface Response {
  $ref?: string;
  description?: string;
  content?: Content;
}

export interface DescribedOperation {
  tags: string[];
  operationId: string;
  summary: string;
  description: string;
  security?: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Content };
  responses: Record<string, Response>;
}

export interface ApiDocument {
  info: { title: string; description: string };
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, DescribedOperation>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, Response> };
}

/** What a `$ref` names: the last part of its path. */
export const nameOfRef = (ref: string): string => ref.split('/').at(-1) ?? '';

/** The schema itself, or the one that it refers to. */
export function resolveSchema({ components }: ApiDocument, schema: Schema): Schema {
  const { $ref, ...own } = schema;
  if (!$ref) return schema;
  const target = components.schemas[nameOfRef($ref)];
  if (!target) throw new Error(`the document has no ${$ref}`);
  return { ...target, ...own };
}
