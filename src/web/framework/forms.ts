/** What forms have in common: what they are told, and what somebody filled in. */
import { OAuthError } from '../../oauth/errors.ts';
import { withNotice } from './notices.ts';

/** Where somebody comes back to who has to sign in before a form of theirs is taken: what they sent is not kept. */
export const sendAgain = (path: string): string => withNotice(path, 'again');

/** Why a form is shown again, with the field that it is about where there is one. */
export interface Refusal<Field extends string = never> {
  problem: string;
  field?: Field | undefined;
  status: number;
}

/** What can be put right in the form. */
const correctable = new Set([
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'invalid_authorization_details',
  'conflict',
]);

const gone = 'That is not there any more: somebody changed it meanwhile.';

/**
 * Runs what a form asks for. Where its values are refused, `refuse` shows it again; an error that no other value
 * would avoid is thrown on, to a page of its own. `fields` maps the fields of the form to the parameters of the
 * API that they stand for: the field of the parameter that the error names is marked.
 */
export async function tryForm<Field extends string = never>(
  run: () => Promise<void>,
  refuse: (refusal: Refusal<Field>) => Promise<void>,
  fields: Partial<Record<Field, string>> = {},
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const { code, status } = error;
    // Where it is the whole page that is not there, showing it says so.
    if (code === 'not_found') return refuse({ problem: gone, status });
    if (!correctable.has(code)) throw error;
    await refuse({ problem: problemOf(error), field: fieldOf(error, fields), status });
  }
}

/** The field that stands for what the error is about: for `redirect_uris[0]`, that of `redirect_uris`. */
function fieldOf<Field extends string>(
  { parameter }: OAuthError,
  fields: Partial<Record<Field, string>>,
): Field | undefined {
  const whole = parameter?.split(/[.[]/, 1)[0];
  return (Object.keys(fields) as Field[]).find((field) => fields[field] === whole);
}

/** The sentence without the name of its parameter, which people do not know: it is shown at its field. */
export function problemOf({ parameter, details, message }: OAuthError): string {
  if (!message.startsWith(`${parameter}: `)) return message;
  const [{ message: text } = { message }] = details;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What is asked of something that may have gone; nothing where it has. */
export async function ifThere<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof OAuthError && error.code === 'not_found') return undefined;
    throw error;
  }
}

/** Texts that stand a line each in what was filled in. */
export const linesOf = (text = ''): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
