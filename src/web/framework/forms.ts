/** What all forms share: which field each problem of a refused form belongs to. */
import type { Problems } from '../../../views/components/field.ts';
import { en, type Messages } from '../../../views/messages/en.ts';
import { type ErrorDetail, OAuthError } from '../../oauth/errors.ts';
import { withNotice } from './notices.ts';

/** Where a person returns after signing in when a form was sent without a fresh session: what they sent is dropped. */
export const sendAgain = (path: string): string => withNotice(path, 'again');

/** What a form says that was not made for this browser, or whose cookies are gone. */
export const staleForm: string = en.problems.stale;

/** Why a form is shown again. */
export interface Refusal<Field extends string = never> {
  /** The wrong fields, each with what is wrong with it. */
  problems: Problems<Field>;
  /** What is wrong with the form as a whole, or with something that it has no field for. */
  general: string | undefined;
  status: number;
}

/** The language of a form. */
interface Saying {
  messages?: Messages;
  /** What a problem is called; undefined if its own sentence says it. */
  say?: (problem: ErrorDetail) => string | undefined;
}

/** Errors that other values in the form avoid. */
const correctable = new Set([
  'invalid_request',
  'invalid_client_metadata',
  'invalid_scope',
  'invalid_target',
  'invalid_authorization_details',
  'conflict',
]);

/**
 * Runs what a form asks for. If its values are refused, `refuse` shows the form again with every problem at its field;
 * an error that no other values would avoid is thrown and gets a page of its own. `fields` maps the fields of the form,
 * in their order on the page, to the parameters that errors name: `redirect_uris` also matches `redirect_uris[0]`, unless another
 * field stands for exactly that.
 * `say` translates a problem by its kind; what it does not know is said in English.
 * To check several values and report all of them, use `checkEach` (`src/oauth/check-each.ts`).
 */
export async function tryForm<Field extends string = never>(
  run: () => Promise<void>,
  refuse: (refusal: Refusal<Field>) => Promise<void>,
  fields: Partial<Record<Field, string>> = {},
  { messages = en, say = () => undefined }: Saying = {},
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const { code, status } = error;
    // If the whole page is gone, showing it again says so.
    if (code === 'not_found')
      return refuse({ problems: {}, general: messages.problems.gone, status });
    if (!correctable.has(code)) throw error;
    await refuse({ ...problemsOf(error, fields, say), status });
  }
}

/** The problems of an error, at the fields of a form. */
function problemsOf<Field extends string>(
  error: OAuthError,
  fields: Partial<Record<Field, string>>,
  say: NonNullable<Saying['say']>,
): Omit<Refusal<Field>, 'status'> {
  const problems: Problems<Field> = {};
  const general: string[] = [];
  const details: readonly ErrorDetail[] =
    error.details.length > 0 ? error.details : [{ message: error.message, kind: error.kind }];
  for (const detail of details) {
    const field = fieldOf(detail, fields);
    const sentence = say(detail) ?? sentenceOf(error, detail);
    if (field === undefined) general.push(sentence);
    else if (!problems[field]?.includes(sentence))
      problems[field] = [problems[field], sentence].filter(Boolean).join(' ');
  }
  return {
    problems,
    general: general.length > 0 ? [...new Set(general)].join(' ') : undefined,
  };
}

/** The field that stands for the parameter of a problem. */
function fieldOf<Field extends string>(
  { parameter }: ErrorDetail,
  fields: Partial<Record<Field, string>>,
): Field | undefined {
  const whole = parameter?.split(/[.[]/, 1)[0];
  const named = (name: string | undefined) =>
    (Object.keys(fields) as Field[]).find((field) => fields[field] === name);
  return named(parameter) ?? named(whole);
}

/** A problem without the name of its parameter, which people do not know: it is shown at its field. */
function sentenceOf(error: OAuthError, { parameter, message }: ErrorDetail): string {
  if (parameter === undefined || !error.message.includes(`${parameter}: ${message}`))
    return message;
  return message.charAt(0).toUpperCase() + message.slice(1);
}

/** The result, or undefined if what it is about no longer exists. */
export async function ifThere<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof OAuthError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** The lines of a text field that are not blank. */
export const linesOf = (text = ''): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
