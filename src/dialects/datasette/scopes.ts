/**
 * THE SCOPES OF DATASETTE: a JSON list of `[action]`, `[action, database]` and `[action, database, table]`, which Writ
 * stores as authorization details (RFC 9396 §2). Consecutive scopes on the same thing become one detail with several
 * actions, so that the exact list can be restored, including duplicates and order.
 */
import { isDeepStrictEqual } from 'node:util';
import { isOneLine } from '../../domain/database/text-checks.ts';
import type { AuthorizationDetail } from '../../domain/tokens/named/types.ts';
import { OAuthError } from '../../oauth/errors.ts';

/** An action, optionally limited to a database or a table. */
export type DatasetteScope = readonly [action: string, database?: string, table?: string];

/** The types of details, indexed by the number of names in a scope. */
export const detailTypes = ['datasette_instance', 'datasette_database', 'datasette_table'] as const;

/** The text is not a list of scopes. Datasette's response is 400 with only this sentence. */
export class InvalidScope extends OAuthError {
  constructor(options?: ErrorOptions) {
    super('invalid_request', 'Invalid scope', options);
  }
}

/** Parses the parameter `scope`; an empty list requests an unrestricted token. Throws InvalidScope. */
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

/** Excludes lone surrogates and control characters. */
const isName = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && isOneLine(value);

/** Converts scopes to authorization details. */
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

/** Converts authorization details back to scopes. */
export const scopesOf = (details: readonly AuthorizationDetail[]): DatasetteScope[] =>
  details.flatMap(({ identifier, actions = [] }) =>
    actions.map((action) => [action, ...namesIn(identifier)] as unknown as DatasetteScope),
  );

/**
 * Whether scopes can express exactly this detail: the number of names in its identifier matches its type, none of them is
 * empty, and it has only actions. Other details would be ambiguous, and a person would see only one meaning.
 */
export function isDetail(detail: AuthorizationDetail): boolean {
  let scopes: DatasetteScope[];
  try {
    scopes = scopesOf([detail]);
  } catch (error) {
    // Malformed percent-encoding.
    if (error instanceof URIError) return false;
    throw error;
  }
  return scopes.every(isScope) && isDeepStrictEqual(detailsOf(scopes), [detail]);
}

/** `db1`, or `db1/dogs`; each name is percent-encoded (RFC 3986 §2.1), so it can contain a slash. */
const identifierOf = (names: readonly string[]): string => names.map(encodeURIComponent).join('/');

const namesIn = (identifier: string | undefined): string[] =>
  identifier === undefined ? [] : identifier.split('/').map(decodeURIComponent);
