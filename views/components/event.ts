import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { sentenceCase } from './sentence-case.ts';
import { briefly, clockTime, dayInWords, fromNow } from './time.ts';

/** An event of an app. */
export interface EventShown {
  /** `client.created` */
  action: string;
  at: Date;
  result: 'success' | 'refused';
  actor: EventParty;
  target: EventParty | null;
  details: Record<string, unknown> | null;
}

export interface EventParty {
  /** account, client, app, role, grant, system … */
  kind: string;
  /** Equal ids mean that actor and target are the same. */
  id?: string | null | undefined;
  /** The name of a person or an app, or the id of a client, such as `acme:cli`; null if it no longer exists. */
  name: string | null;
}

type Sentence = (event: EventShown) => Html;

/** Members of an app do not see who uses it. */
const person = html`A person`;

const sentences: Record<string, Sentence> = {
  'app.created': (event) => html`${actor(event)} created this app`,
  'app.updated': (event) => html`${actor(event)} changed the app${changed(event)}`,
  'app.disabled': (event) => html`${actor(event)} disabled the app`,
  'app.enabled': (event) => html`${actor(event)} enabled the app`,
  'app.deleted': (event) => html`${actor(event)} deleted the app`,
  'app.handed_over': (event) =>
    event.target?.kind === 'account'
      ? html`${actor(event)} transferred the app to ${target(event)}`
      : html`${actor(event)} transferred the app`,
  'app_member.added': (event) => html`${target(event)} became ${as(event) || 'a member'}`,
  'app_member.changed': (event) =>
    html`${actor(event)} gave ${isSelf(event) ? 'themself' : target(event)} another role${role(event)}`,
  'app_member.removed': (event) =>
    isSelf(event)
      ? html`${actor(event)} left the app`
      : html`${actor(event)} removed ${target(event)} from the app`,
  'app_invitation.created': (event) =>
    html`${actor(event)} invited ${invited(event)}${as(event) && html` to be ${as(event)}`}`,
  'app_invitation.revoked': (event) =>
    html`${actor(event)} revoked the invitation of ${invited(event)}`,
  'app_invitation.accepted': (event) => html`${actor(event)} accepted an invitation`,
  'app_invitation.declined': (event) => html`${actor(event)} declined an invitation`,
  'app_role.created': (event) => html`${actor(event)} created the role ${target(event)}`,
  'app_role.updated': (event) =>
    html`${actor(event)} changed the role ${target(event)}${changed(event)}`,
  'app_role.deleted': (event) => html`${actor(event)} deleted the role ${target(event)}`,
  'client.created': (event) => html`${actor(event)} created the client ${target(event)}`,
  'client.updated': (event) =>
    html`${actor(event)} changed the client ${target(event)}${changed(event)}`,
  'client.disabled': (event) => html`${actor(event)} disabled the client ${target(event)}`,
  'client.enabled': (event) => html`${actor(event)} enabled the client ${target(event)}`,
  'client.deleted': (event) => html`${actor(event)} deleted the client ${target(event)}`,
  'client.logout_refused': (event) =>
    html`${target(event)} refused the notification that a person signed out (status 400)`,
  'client.logout_undelivered': (event) =>
    html`${target(event)} could not be notified for a day that people signed out`,
  'client.tokens_revoked': (event) => html`${actor(event)} revoked all tokens of ${target(event)}`,
  'client_secret.created': (event) => html`${actor(event)} created a secret of ${target(event)}`,
  'client_secret.revoked': (event) =>
    html`${actor(event)} revoked ${secret(event)} of ${target(event)}`,
  'client_secret.leaked': (event) =>
    html`${secret(event, 'The')} of ${target(event)} leaked and was revoked`,
  'api_key.created': (event) => html`${actor(event)} created ${token(event)}`,
  'api_key.updated': (event) => html`${actor(event)} changed ${token(event)}${changed(event)}`,
  'api_key.rolled': (event) => html`${actor(event)} regenerated ${token(event)}`,
  'api_token.created': (event) => html`${actor(event)} created ${token(event)}`,
  'api_token.updated': (event) => html`${actor(event)} changed ${token(event)}${changed(event)}`,
  'token.tried': (event) => html`${actor(event)} got a trial token of ${target(event)}`,
  'token.revoked': (event) => html`${actor(event)} revoked ${token(event)}${of(event)}`,
  'token.leaked': (event) => html`${token(event, 'The')}${of(event)} leaked and was revoked`,
  'consent.granted': (event) =>
    event.details?.['remembered']
      ? html`${person} logged in to ${target(event)} without being asked`
      : html`${person} allowed ${target(event)}`,
  'consent.withdrawn': (event) => html`${person} disconnected ${target(event)}`,
  'consent.denied': (event) => html`${person} denied ${target(event)}`,
  'device.approved': (event) => html`${person} signed in${to(event)}`,
  'device.denied': (event) => html`${person} denied a device${of(event)}`,
  'grant.revoked': (event) =>
    html`The access of ${targetName(event) ? target(event) : 'a client'} to a person was revoked`,
  'delegation.started': (event) => html`${target(event)} began to act for a person`,
  'delegation.ended': (event) => html`${target(event)} no longer acts for a person`,
  'initial_access_token.created': (event) => html`${actor(event)} created an initial access token`,
  'initial_access_token.used': () => html`A client registered itself with an initial access token`,
  'initial_access_token.revoked': (event) => html`${actor(event)} revoked an initial access token`,
  'delegation.allowed': (event) => html`${person} allowed ${target(event)} again`,
  'refresh_token.reused': (event) =>
    html`A refresh token${of(event)} was used twice, and its login was revoked`,
};

/** An event in a sentence; an event without one by its name. */
export function eventSentence(event: EventShown): Html {
  const sentence = Object.hasOwn(sentences, event.action) ? sentences[event.action] : undefined;
  if (event.result === 'refused')
    return html`${/^(device|consent)\./.test(event.action) ? person : actor(event)} was refused <code><bdi>${event.action}</bdi></code>${of(event)}`;
  return (
    sentence?.(event) ?? html`${actor(event)}: <code><bdi>${event.action}</bdi></code>${of(event)}`
  );
}

/** Events, each with the time since. */
export const latestEvents = (events: EventShown[], now: Date): Html =>
  list(events, ({ at }) => briefly(at, fromNow(at, now)));

/** Events of one day, each with its time. */
export const eventsOfDay = (events: EventShown[]): Html =>
  list(events, ({ at }) => html`<time datetime="${at.toISOString()}">${clockTime(at)}</time>`);

function list(events: EventShown[], time: (event: EventShown) => Html): Html {
  return html`<ul class="events">${events.map(
    (event) => html`<li class="${mood(event)}"><p>${eventSentence(event)}</p>${time(event)}</li>`,
  )}</ul>`;
}

function mood({ action, result }: EventShown): string {
  if (
    result === 'refused' ||
    /\.(deleted|disabled|removed|revoked|reused|leaked|tokens_revoked)$/.test(action)
  )
    return 'bad';
  return /\.(created|added|accepted|enabled)$/.test(action) ? 'good' : 'neutral';
}

const strong = (name: string): Html => html`<strong><bdi>${name}</bdi></strong>`;

function actor({ actor }: EventShown): Html {
  if (actor.name) return strong(actor.name);
  if (actor.kind === 'system') return html`The server`;
  return actor.kind === 'account' ? html`A deleted account` : html`A deleted client`;
}

/** For a grant, the name of its client. */
const targetName = (event: EventShown): string | null | undefined =>
  event.target?.name ?? (event.target?.kind === 'grant' ? detail(event, 'client_id') : undefined);

function target(event: EventShown): Html {
  const name = targetName(event);
  if (name) return strong(name);
  return event.target?.kind === 'account' ? html`a deleted account` : html`something deleted`;
}

const of = (event: EventShown): Html | '' => (targetName(event) ? html` of ${target(event)}` : '');
const to = (event: EventShown): Html | '' => (targetName(event) ? html` to ${target(event)}` : '');

const isSelf = ({ actor, target }: EventShown): boolean =>
  actor.kind === 'account' &&
  target?.kind === 'account' &&
  Boolean(actor.id) &&
  actor.id === target.id;

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;

/** A detail; of a change, the new value. */
function detail({ details }: EventShown, name: string): string | undefined {
  const value = details?.[name];
  const after = isChange(value) ? value.after : value;
  return Array.isArray(after) ? after.map(textOf).join(', ') : textOf(after);
}

/** The new role, after “another role”. */
function role(event: EventShown): Html | '' {
  const name = detail(event, 'role');
  return name ? html`: ${strong(name)}` : '';
}

function as(event: EventShown): Html | '' {
  const role = detail(event, 'role');
  return role ? html`${/^[aeiou]/i.test(role) ? 'an' : 'a'} ${strong(role)}` : '';
}

function invited(event: EventShown): Html {
  const email = detail(event, 'email');
  return email ? strong(email) : html`a person`;
}

function secret(event: EventShown, article: 'the' | 'The' = 'the'): Html {
  const hint = detail(event, 'hint');
  if (hint) return html`${article} secret ending in <code>${hint}</code>`;
  return article === 'The' ? html`A secret` : html`a secret`;
}

/** The names of kinds of tokens, with their articles. */
const tokenNames: Record<string, [article: string, name: string]> = {
  api_key: ['an', 'API key'],
  api_token: ['an', 'API token'],
  access_token: ['an', 'access token'],
  refresh_token: ['a', 'refresh token'],
};

/** A token by its name, if it has one, and its client, unless that is the actor. */
function token(event: EventShown, the: 'the' | 'The' = 'the'): Html {
  const kind = detail(event, 'kind') ?? event.action.split('.')[0] ?? '';
  const [article, called] = (Object.hasOwn(tokenNames, kind) && tokenNames[kind]) || ['a', 'token'];
  const name = detail(event, 'name');
  const owner = detail(event, 'client_id');
  return html`${name ? html`${the} ${called} ${strong(name)}` : `${the === 'The' ? sentenceCase(article) : article} ${called}`}${owner && owner !== event.actor.name && html` of ${strong(owner)}`}`;
}

/** The names of changed fields. */
const fieldNames: Record<string, string> = {
  app_role: 'role',
  client_name: 'display name',
  display_name: 'display name',
  redirect_uris: 'redirect URIs',
  id_token_signed_response_alg: 'signing algorithm of ID tokens',
  userinfo_signed_response_alg: 'signing algorithm of userinfo',
  claims_in_id_token: 'claims in ID tokens',
  require_auth_time: 'auth_time in ID tokens',
  require_second_factor: 'whether it needs a second factor',
  default_max_age: 'maximum age of a sign-in',
  first_party: 'whether it is first-party',
  access_token_ttl: 'lifetime of tokens',
  access_token_format: 'format of tokens',
  token_format: 'format of tokens',
  expires_at: 'expiry',
  manages: 'what its members can manage',
};

/** A time as a day, and other short values as they are. */
function shortly(value: unknown): string | undefined {
  const text = textOf(value);
  return text && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? dayInWords(new Date(text)) : text;
}

interface Change {
  before: unknown;
  after: unknown;
}

const isChange = (value: unknown): value is Change =>
  typeof value === 'object' && value !== null && 'before' in value && 'after' in value;

/** The changed fields, each with its old and new value if both are short. */
function changed({ details }: EventShown): Html | '' {
  const changes = Object.entries(details ?? {}).filter(([, value]) => isChange(value));
  if (changes.length === 0) return '';
  return html`: ${changes.map(([field, value], index) => {
    const name = Object.hasOwn(fieldNames, field) ? fieldNames[field] : field.replaceAll('_', ' ');
    const { before, after } = value as Change;
    const [from, to] = [shortly(before), shortly(after)];
    const short = from && to && from.length + to.length < 80;
    return html`${index > 0 && ', '}${name}${short && html` from ${strong(from)} to ${strong(to)}`}`;
  })}`;
}
