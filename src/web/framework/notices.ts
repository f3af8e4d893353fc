import type { Context } from 'koa';
import { queryValue } from '../../http/form.ts';

/** What a page says after something was done; its name travels in the query, so that it needs no memory. */
const notices = {
  welcome: 'Your password is set. Sign in with it now.',
  signed_out: 'You are signed out.',
  account_deleted: 'Your account is deleted.',
  profile: 'Your name was changed.',
  password: 'Your password was changed. Everywhere else you have been signed out.',
  disconnected: 'It is disconnected, and can do nothing in your name any more.',
  keys_deleted: 'The keys are deleted, and their tokens have ended.',
  keys_tokens_ended: 'All tokens of the keys have ended.',
  session: 'That browser has been signed out.',
  others: 'You have been signed out everywhere else.',
  token_saved: 'The token was changed.',
  token_revoked: 'The token is revoked. It no longer works.',
  again: 'You are signed in. What you sent before was not done: please do it once more.',
  app_saved: 'The app was changed.',
  app_disabled:
    'The app is disabled. Its clients get no tokens, and those that they had have ended.',
  app_enabled: 'The app is enabled. Its clients can get tokens again.',
  app_deleted: 'The app is deleted, with all that was in it.',
  app_left: 'You left the app.',
  app_handed_over: 'The app is handed over.',
  app_invitation_accepted: 'You are a member now.',
  app_invitation_declined: 'The invitation is declined.',
  app_invitation_revoked: 'The invitation is revoked. Its link works no more.',
  registered_client_deleted: 'The client is deleted, and its tokens have ended.',
  client_saved: 'The client was changed.',
  client_disabled: 'The client is disabled. It gets no tokens, and those that it had have ended.',
  client_enabled: 'The client is enabled. It can get tokens again.',
  client_deleted: 'The client is deleted.',
  api_key_saved: 'The API key was changed.',
  api_key_deleted: 'The API key is deleted. It no longer works.',
  secret_deleted: 'The secret is deleted. It no longer works.',
  member_saved: 'The role of the member was changed.',
  member_removed: 'They are no member any more.',
  role_saved: 'The role is saved. It holds at once, for tokens that are out too.',
  role_deleted: 'The role is deleted.',
} as const;

export type NoticeName = keyof typeof notices;

/** A page's path with what it is to say. */
export const withNotice = (path: string, name: NoticeName): string =>
  `${path}${path.includes('?') ? '&' : '?'}done=${name}`;

/** What the query of a request asks the page to say. */
export function noticeOf(ctx: Context): string | undefined {
  const name = queryValue(ctx, 'done') ?? '';
  return Object.hasOwn(notices, name) ? notices[name as NoticeName] : undefined;
}
