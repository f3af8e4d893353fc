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
 * Runs what a form asks for. Where that cannot be as it was filled in, `refuse` shows it again; whoever may
 * not is told on a page of its own. The rules say in words what is wrong: `fields` are those of the form, each
 * with the words for it, and the first that fits is the one.
 */
export async function tryForm<Field extends string = never>(
  run: () => Promise<void>,
  refuse: (refusal: Refusal<Field>) => Promise<void>,
  fields: Partial<Record<Field, RegExp>> = {},
): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const { code, message: problem, status } = error;
    // Where it is the whole page that is not there, showing it says so.
    if (code === 'not_found') return refuse({ problem: gone, status });
    if (!correctable.has(code)) throw error;
    const names = Object.keys(fields) as Field[];
    const field = names.find((name) => fields[name]?.test(problem));
    await refuse({ problem, field, status });
  }
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
