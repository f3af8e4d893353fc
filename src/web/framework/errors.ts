import { html } from 'hono/html';
import type { MessageProps } from '../../../views/layout/message.ts';
import type { Messages } from '../../../views/messages/index.ts';
import type { AuthorizationProblem } from '../../oauth/authorization-problem.ts';
import type { OAuthError } from '../../oauth/errors.ts';

/** An error in words for people. `requestId` is shown if the error is the server's own. */
export function problemOf(
  error: OAuthError,
  messages: Messages,
  { requestId, isSignedIn = false }: { requestId?: string; isSignedIn?: boolean } = {},
): MessageProps {
  const { actions, errors } = messages;
  const action = isSignedIn
    ? { href: '/account', label: actions.toAccount }
    : { href: '/', label: actions.toStart };
  switch (error.code) {
    case 'not_found':
      return { ...errors.notFound, action };
    case 'access_denied':
      return { title: errors.notAllowed, text: sentenceOf(error, messages), action };
    case 'method_not_allowed':
      return { ...errors.formOnly, action };
    case 'too_many_requests':
      return { title: errors.tooMany, text: sentenceOf(error, messages) };
    case 'temporarily_unavailable':
      return { ...errors.unavailable, requestId };
    case 'server_error':
      return { ...errors.failed, requestId };
    default:
      return { title: errors.other, text: sentenceOf(error, messages), action };
  }
}

/** What an error says, by its kind; its own sentence is English. */
export function sentenceOf(
  { kind, message }: Pick<OAuthError, 'kind' | 'message'>,
  { code, decisionRefused }: Messages,
): MessageProps['text'] {
  if (kind && Object.hasOwn(decisionRefused, kind))
    return decisionRefused[kind as keyof Messages['decisionRefused']];
  return code === 'en' ? message : html`<span lang="en">${message}</span>`;
}

/** An authorization request that cannot continue: a way back for the person, and the error for developers. */
export function authorizationProblem(
  { error, description, redirectUri, app }: AuthorizationProblem,
  { actions, errors: { invalidRequest } }: Messages,
  requestId: string,
): MessageProps {
  return {
    title: app ? invalidRequest.ofApp(app.name) : invalidRequest.title,
    text: app ? invalidRequest.textOfApp : invalidRequest.text,
    action: app
      ? { href: app.url, label: invalidRequest.back(app.name, placeOf(app.url)) }
      : { href: '/', label: actions.toStart, plain: true },
    developers: { error, description, redirectUri, requestId },
  };
}

/** The host of a site, or the scheme of a program: anyone can choose the name of an app, and not this. */
const placeOf = (url: string): string => new URL(url).host || new URL(url).protocol;

/** A form from before the person signed in or out in another tab. */
export const staleFormProblem = (back: string, { errors: { stale } }: Messages): MessageProps => ({
  title: stale.title,
  text: stale.text,
  action: { href: back, label: stale.action },
});
