import type { Context } from 'koa';
import { en, type Messages } from '../../../views/messages/en.ts';
import { queryValue } from '../../http/form.ts';

/** What a page says after something was done. Its name travels in the query, so nothing is stored. */
const notices = {
  welcome: 'Your password is set, and you are signed in.',
  welcome_again:
    'Your password is set, and you are signed in. Access of all apps, devices and tokens was revoked.',
  registered: 'Your account is created, and you are signed in.',
  profile: 'Your profile is saved.',
  email_sent: 'An email is on its way. Use its link to verify your address.',
  email_change_sent: 'An email is on its way to the new address. Use its link to confirm it.',
  email_change_asked: 'The link to the new address is in the outbox of this installation.',
  password: 'Your password is changed. You are signed out everywhere else.',
  first_password: 'Your password is set. You can sign in with it from now on.',
  passkey_added: 'The passkey is added.',
  passkey_saved: 'The passkey is saved.',
  passkey_removed: 'The passkey is removed. It no longer signs you in.',
  authenticator_removed: 'The authenticator app is removed.',
  browsers_forgotten: 'All browsers are forgotten. Each is asked for a second factor again.',
  factors_kept: 'Your second factors stay.',
  provider_linked: 'It is connected. You can sign in with it from now on.',
  provider_unlinked: 'It is disconnected. It no longer signs you in.',
  disconnected: 'Access is revoked.',
  agent_ended: 'It no longer acts for you, and its tokens are revoked.',
  agent_allowed: 'It can act for you again.',
  keys_deleted: 'The keys are deleted, and their tokens are revoked.',
  keys_tokens_ended: 'All tokens of the keys are revoked.',
  session: 'That browser is signed out.',
  others: 'You are signed out everywhere else.',
  token_saved: 'The token is saved.',
  revocation_stopped: 'It is stopped. What it has revoked stays revoked.',
  token_revoked: 'The token is revoked. It no longer works.',
  again: 'You are signed in. Your last change was not saved: please make it again.',
  app_saved: 'The app is saved.',
  app_disabled:
    'The app is disabled. Its clients get no tokens, and the tokens that they had no longer work.',
  app_enabled: 'The app is enabled. Its clients can get tokens again.',
  app_deleted: 'The app is deleted, with everything in it.',
  app_left: 'You left the app.',
  app_handed_over: 'The app is transferred.',
  app_invitation_accepted: 'You are now a member.',
  app_invitation_declined: 'The invitation is declined.',
  app_invitation_revoked: 'The invitation is revoked. Its link no longer works.',
  registered_client_deleted: 'The client is deleted, and its tokens are revoked.',
  client_saved: 'The client is saved.',
  client_disabled:
    'The client is disabled. It gets no tokens, and the tokens that it had no longer work.',
  client_enabled: 'The client is enabled. It can get tokens again.',
  agent_stopped: 'The agent is stopped. All of its tokens are revoked.',
  agent_started: 'The agent is started. It can get tokens again; those that it had stay revoked.',
  keys_rotated: 'The keys are rotated.',
  key_revoked: 'The key and its tokens are revoked.',
  keys_resealed: 'All secrets are encrypted with the newest key.',
  resource_created: 'The API is added. Give it to clients, or open it, next.',
  resource_saved: 'The API is saved. It applies to tokens that are issued from now on.',
  resource_opened: 'It is open. Tokens for the API can be had at once.',
  resource_closed: 'It is closed.',
  resource_default: 'It is the default now.',
  resource_deleted: 'The API is deleted.',
  client_tokens_ended: 'All tokens of the client are revoked.',
  person_invited: 'An email with a link to choose a password is on its way to the person.',
  person_roles_saved:
    'The roles are saved. They apply at once, also to tokens that were already issued.',
  person_disabled: 'The account is disabled, and its tokens are revoked.',
  person_enabled: 'The account is enabled. The person can sign in again.',
  person_approved: 'The account is approved. The person gets an email.',
  person_refused: 'The account is refused and deleted. The person gets an email.',
  person_deleted: 'The account is deleted.',
  person_signed_out: 'The person is signed out everywhere.',
  person_factors_reset:
    'The reset is planned. The person gets an email with which they can stop it.',
  person_factors_kept: 'The reset is cancelled. The second factors stay.',
  person_ended: 'The person is signed out everywhere, and all of their tokens are revoked.',
  person_tokens_revoked: 'All tokens of the person are revoked.',
  trial_mail_sent:
    'The email is on its way. If it fails, it is listed here with the number of attempts.',
  mails_retried: 'What failed is tried again now.',
  person_grant_ended: 'The access is ended, and its tokens are revoked.',
  provider_created: 'People can sign in with the provider now.',
  provider_saved: 'The provider is saved. It applies to sign-ins from now on.',
  provider_enabled: 'The provider is enabled. People can sign in with it again.',
  provider_disabled: 'The provider is disabled. No one can sign in with it.',
  provider_deleted: 'The provider is deleted, and accounts have lost their identities there.',
  cross_app_created: 'The client can get access for people there now.',
  cross_app_saved: 'The access is saved. It applies from the next ID-JAG on.',
  cross_app_enabled: 'The access is enabled. The client gets ID-JAGs again.',
  cross_app_disabled: 'The access is disabled. The client gets no further ID-JAG.',
  cross_app_deleted: 'The access is deleted. The client gets no further ID-JAG.',
  stream_deleted: 'The stream is deleted, with the events that waited.',
  issuer_created: 'The issuer is trusted. Add rules for its tokens next.',
  issuer_enabled: 'The issuer is enabled. Its tokens are accepted again.',
  issuer_tokens_ended:
    'Everything that was issued for tokens of the issuer has ended. It stays trusted.',
  issuer_disabled: 'The issuer is disabled, and what was issued for its tokens has ended.',
  issuer_deleted: 'The issuer is deleted, and what was issued for its tokens has ended.',
  issuer_rule_added: 'The rule is added. It is in force.',
  issuer_rule_deleted: 'The rule is deleted, and the tokens of its client are revoked.',
  issuer_exchange_rule_deleted:
    'The rule is deleted, and the tokens that were exchanged for tokens of this issuer are revoked.',
  initial_token_revoked: 'The token is revoked. No further client can be registered with it.',
  delegation_ended: 'It no longer acts for that person. Only they can allow it again.',
  client_deleted: 'The client is deleted.',
  api_key_saved: 'The API key is saved.',
  api_key_deleted: 'The API key is revoked. It no longer works.',
  secret_deleted: 'The secret is revoked. It no longer works.',
  member_saved: 'The role of the member is changed.',
  member_removed: 'They are no longer a member.',
  role_created: 'The role is created.',
  role_saved: 'The role is saved. It applies at once, also to tokens that were already issued.',
  role_deleted: 'The role is deleted.',
} as const;

/** Those of pages that have several languages are among their messages. */
export type NoticeName = keyof typeof notices | keyof Messages['notices'];

/** The path of a page, with the notice that it shows. */
export const withNotice = (path: string, name: NoticeName): string =>
  `${path}${path.includes('?') ? '&' : '?'}done=${name}`;

/** The notice that the query of a request names. */
export function noticeOf(
  ctx: Context,
  { notices: translated }: Pick<Messages, 'notices'> = en,
): string | undefined {
  const name = queryValue(ctx, 'done') ?? '';
  if (Object.hasOwn(translated, name)) return translated[name as keyof Messages['notices']];
  return Object.hasOwn(notices, name) ? notices[name as keyof typeof notices] : undefined;
}
