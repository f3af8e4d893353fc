/**
 * THE SCOPES OF DATASETTE: a JSON list of `[action]`, `[action, database]` and `[action, database, table]`, and the
 * authorization details (RFC 9396 §2) that Writ keeps in their place. Scopes of one place that stand together become one
 * detail with several actions, so that the list can be read back as it was, duplicates and order included.
 */
import { isDeepStrictEqual } from 'node:util';
import { isOneLine } from '../../domain/database/text-checks.ts';
import type { AuthorizationDetail } from '../../domain/tokens/named/types.ts';
import { OAuthError } from '../../oauth/errors.ts';

/** An action, and the database and the table that it is limited to. */
export type DatasetteScope = readonly [action: string, database?: string, table?: string];

/** The kinds of details, by how many names of things a scope has. */
export const detailTypes = ['datasette_instance', 'datasette_database', 'datasette_table'] as const;

/** The text is no list of scopes. Datasette's whole answer is this sentence, with the status 400. */
export class InvalidScope extends OAuthError {
  constructor(options?: ErrorOptions) {
    super('invalid_request', 'Invalid scope', options);
  }
}

/** Reads the parameter `scope`; an empty list asks for an unrestricted token. Throws InvalidScope. */
export function parseScopes(text: string): DatasetteScope[] {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw new InvalidScope({ cause });
  }
  if (!Array.isArray(given) || !given.every(isScope)) throw new InvalidScope();
  return given;
}

const isScope = (value: unknown): value is DatasetteScope =>
  Array.isArray(value) && value.length >= 1 && value.length <= 3 && value.every(isName);

/** A lone surrogate is no text, and nothing has control characters in its name. */
const isName = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && isOneLine(value);

/** What Writ keeps of scopes. */
export function detailsOf(scopes: readonly DatasetteScope[]): AuthorizationDetail[] {
  const details: (AuthorizationDetail & { actions: string[] })[] = [];
  for (const [action, ...names] of scopes) {
    const type = detailTypes[names.length] as string;
    const identifier = names.length > 0 ? identifierOf(names as string[]) : undefined;
    const last = details.at(-1);
    if (last && last.type === type && last.identifier === identifier) last.actions.push(action);
    else details.push({ type, ...(identifier !== undefined && { identifier }), actions: [action] });
  }
  return details;
}

/** The scopes that details stand for. */
export const scopesOf = (details: readonly AuthorizationDetail[]): DatasetteScope[] =>
  details.flatMap(({ identifier, actions = [] }) =>
    actions.map((action) => [action, ...namesIn(identifier)] as unknown as DatasetteScope),
  );

/**
 * Whether scopes stand for a detail, and exactly for this: its type says how many names its identifier has, none of them is
 * empty, and it has actions and nothing else. Others could be read in two ways, of which a person would see one.
 */
export function isDetail(detail: AuthorizationDetail): boolean {
  let scopes: DatasetteScope[];
  try {
    scopes = scopesOf([detail]);
  } catch (error) {
    // A percent sign that encodes nothing.
    if (error instanceof URIError) return false;
    throw error;
  }
  return scopes.every(isScope) && isDeepStrictEqual(detailsOf(scopes), [detail]);
}

/** `db1`, or `db1/dogs`; each name is percent-encoded (RFC 3986 §2.1), so that it may hold a slash. */
const identifierOf = (names: readonly string[]): string => names.map(encodeURIComponent).join('/');

const namesIn = (identifier: string | undefined): string[] =>
  identifier === undefined ? [] : identifier.split('/').map(decodeURIComponent);
