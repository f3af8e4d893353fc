/**
 * The pages that a sign-in can return to: a link never names another site. `/apps` is followed by names of apps,
 * clients, API keys and pages, or by the value of an invitation; `/consent` by the ID of a request; `/account/tokens` by
 * the ID of a token; `/account/security` by a page; `/admin` by a section, and the ID of a thing in it, which can be a URI;
 * `/docs` by a page of the API reference.
 */
const known =
  /^\/(device|account(\/(clients|connected|devices|sessions|email|outbox|password|delete|(security|tokens)(\/[\w-]{1,100}){0,2}))?|apps(\/[\w-]{1,100}){0,6}|admin(\/[\w.~%:@+-]{1,1600}){0,4}|consent\/[\w-]{1,100}|docs(\/[\w-]{1,100})?)(\?[\w.~%&=+-]{0,500})?$/;

/** An authorization request that a person signs in for. It is sealed. */
const request = /^\/connect\/authorize\/continue\?request=[\w-]{1,8000}$/;

/** Where a person wanted to go when they were asked to sign in; their account if that is not one of our pages. */
export const readReturnTo = (given: string | undefined): string =>
  given && (known.test(given) || request.test(given)) ? given : '/account';

/** How recent a sign-in must be: `true` as for changes of credentials, or not older than a date. */
export type Freshness = boolean | Date;

export interface SignInPathOptions {
  /** Prefills the email address; the person can change it. */
  loginHint?: string | undefined;
  /** For another account than the one that is signed in. */
  switches?: boolean;
}

/** The path of the sign-in page, which returns to `returnTo`. `again` asks for the password even if a person is signed in. */
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

/** The path of the page on which a person who is signed in proves a second factor, and which returns to `returnTo`. */
export const factorPath = (returnTo: string): string =>
  `/sign-in/factor?${new URLSearchParams({ return_to: returnTo })}`;

/** The path of the page on which a person sets up a second factor that is required, and which returns to `returnTo`. */
export const enrolPath = (returnTo: string): string =>
  `/sign-in/enrol?${new URLSearchParams({ return_to: returnTo })}`;

/** The path of the page where people create an account, which returns to `returnTo`. */
export const registerPath = (
  returnTo: string,
  { loginHint }: Pick<SignInPathOptions, 'loginHint'> = {},
): string =>
  `/register?${new URLSearchParams({ return_to: returnTo, ...(loginHint && { login_hint: loginHint }) })}`;

/** Reads `again` as `signInPath` writes it. */
export function readAgain(given: string | null): Freshness {
  if (given === null) return false;
  return /^\d{13}$/.test(given) ? new Date(Number(given)) : true;
}
