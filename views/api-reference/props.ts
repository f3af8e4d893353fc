/** What the API reference shows: the OpenAPI document, prepared for reading. Descriptions are Markdown. */

/** A parameter, or a member of a body. */
export interface ReferenceField {
  name: string;
  /** Its type in a few words: `string`, `list of Role`, `"web" or "native"`. */
  type: string;
  required: boolean;
  description: string;
  /** As JSON. */
  defaultValue?: string | undefined;
  /** The members of an object, or of the objects in a list. */
  fields: ReferenceField[];
}

export interface ReferenceParameter extends ReferenceField {
  in: 'path' | 'query' | 'header';
  placeholder?: string | undefined;
  /** The values that it can have, where they are few. */
  choices?: string[] | undefined;
}

export interface ReferenceOperation {
  /** Its `operationId`, and its anchor on the page. */
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  /** The scope that it requires. */
  scope?: string | undefined;
  /** It takes no token. */
  open: boolean;
  parameters: ReferenceParameter[];
  body?: { fields: ReferenceField[]; example: string } | undefined;
  response: { status: string; description: string; fields: ReferenceField[]; example?: string };
  errors: { status: string; description: string }[];
  curl: string;
}

export interface ReferenceGroup {
  name: string;
  /** The path of its page. */
  href: string;
  description: string;
  operations: ReferenceOperation[];
}

export interface Reference {
  title: string;
  description: string;
  groups: ReferenceGroup[];
}
