/**
 * The pages that a sign-in can lead to: what a link names is never another site. What follows `/apps` is
 * names of apps, clients, their API keys and pages, and values of invitations; what follows `/consent`, the id of a
 * request; what follows `/account/tokens`, that of a token; what follows `/docs`, a page of the API reference.
 */
const known =
  /^\/(device|account(\/(clients|connected|devices|sessions|password|delete|tokens(\/[\w-]{1,100})?))?|apps(\/[\w-]{1,100}){0,5}|consent\/[\w-]{1,100}|docs(\/[\w-]{1,100})?)(\?[\w.~%&=+-]{0,500})?$/;

/** An authorization request that its person signs in for; it is sealed, and opened by the protocol alone. */
const request = /^\/connect\/authorize\/continue\?request=[\w-]{1,8000}$/;

/** Where somebody wanted to go when they were asked to sign in; their account where that is no page of ours. */
export const readReturnTo = (given: string | undefined): string =>
  given && (known.test(given) || request.test(given)) ? given : '/account';

/** How fresh a sign-in has to be: recent, as whatever changes credentials wants it, or not older than this. */
export type Freshness = boolean | Date;

export interface SignInPathOptions {
  /** What is filled in as the address; the person may change it. */
  loginHint?: string | undefined;
  /** For another account than the one that is signed in. */
  switches?: boolean;
}

/** The page to sign in on, which leads back. `again` asks for the password although a person is signed in. */
export function signInPath(
  returnTo: string,
  again: Freshness = false,
  { loginHint, switches }: SignInPathOptions = {},
): string {
  const query = new URLSearchParams({
    ...(returnTo !== '/account' && { return_to: returnTo }),
    ...(loginHint && { login_hint: loginHint }),
    ...(switches && { switch: '1' }),
  });
  if (again) query.set('again', again === true ? '1' : String(again.getTime()));
  const text = query.toString();
  return text ? `/sign-in?${text}` : '/sign-in';
}

/** What `signInPath` wrote of how fresh the sign-in has to be. */
export function readAgain(given: string | null): Freshness {
  if (given === null) return false;
  return /^\d{13}$/.test(given) ? new Date(Number(given)) : true;
}
