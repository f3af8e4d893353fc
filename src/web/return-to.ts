/** The pages that a sign-in can lead to: what a link names is never another site. */
const known = /^\/(device|account(\/(devices|sessions|password))?)(\?[\w.~%&=+-]{0,500})?$/;

/** Where somebody wanted to go when they were asked to sign in; their account where that is no page of ours. */
export const readReturnTo = (given: string | undefined): string =>
  given && known.test(given) ? given : '/account';

/** The page to sign in on, which leads back. `again` asks for the password although somebody is signed in. */
export function signInPath(returnTo: string, again = false): string {
  const query = new URLSearchParams({ ...(returnTo !== '/account' && { return_to: returnTo }) });
  if (again) query.set('again', '1');
  const text = query.toString();
  return text ? `/sign-in?${text}` : '/sign-in';
}
