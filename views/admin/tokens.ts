import { html } from 'hono/html';
import { badge } from '../components/badge.ts';
import { select, textarea } from '../components/controls.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { facts } from '../components/facts.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { checkIcon, keyIcon, warningIcon } from '../components/icons.ts';
import { count } from '../components/number.ts';
import { table } from '../components/table.ts';
import { ago, momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { filterForm, type PagerProps, pager } from './list.ts';
import { can } from './rights.ts';
import { adminPage } from './shell.ts';

/** A token, without its value. */
export interface AdminToken {
  id: string;
  kind: string;
  format: 'opaque' | 'jwt';
  name: string | null;
  hint: string | null;
  status: 'active' | 'expired' | 'revoked' | 'inactive';
  leaked: boolean;
  clientId: string;
  /** The person whom it acts for; null for a client. `name` is empty if the account was deleted. */
  person: { id: string; name: string; email: string | null } | null;
  /** For whom a backend created it, in its own terms. */
  subject: string | null;
  /** The scopes that it has now. */
  scope: string | null;
  /** What a request has to prove besides. */
  bound: 'dpop' | 'certificate' | null;
  audience: string[];
  roles: string[];
  /** The ID of the key that signed it. */
  kid: string | null;
  issuedAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

/** Why a token is not active. */
export interface ReasonShown {
  /** A sentence. */
  text: string;
  at: Date | null;
  detail: string | null;
}

export const tokenKinds: Readonly<Record<string, string>> = {
  access_token: 'Access token',
  refresh_token: 'Refresh token',
  personal_access_token: 'Personal access token',
  api_token: 'API token',
  api_key: 'API key',
};

const stateBadge = ({ status, leaked }: AdminToken): Html | '' => {
  if (leaked) return badge('Leaked', 'bad');
  const names = { active: '', expired: 'Expired', revoked: 'Revoked', inactive: 'Not active' };
  return names[status] ? badge(names[status], 'neutral') : '';
};

export const adminTokenPath = (id: string, rest = ''): string =>
  `/admin/tokens/${encodeURIComponent(id)}${rest}`;

const personLink = (frame: Frame, { id, name, email }: NonNullable<AdminToken['person']>): Html => {
  const text = html`<bdi>${name || 'A deleted account'}</bdi>`;
  const linked = can(frame, 'accounts:read')
    ? html`<a href="/admin/people/${id}">${text}</a>`
    : text;
  return html`${linked}${email && html` <span class="aside"><bdi>${email}</bdi></span>`}`;
};

const clientLink = (frame: Frame, clientId: string): Html => {
  const text = html`<bdi>${clientId}</bdi>`;
  return can(frame, 'clients:read')
    ? html`<a href="/admin/clients/${encodeURIComponent(clientId)}">${text}</a>`
    : text;
};

export type TokenFilterField = 'client' | 'person' | 'kind' | 'state' | 'name';

export interface TokensProps {
  tokens: AdminToken[];
  filter: Partial<Record<TokenFilterField, string | undefined>>;
  pages: Omit<PagerProps, 'shown'>;
  /** What is wrong with the filter. */
  problem?: string | undefined;
  problems?: Problems<'token'> | undefined;
}

/** The form for a pasted token, and the tokens that have a name. */
export function adminTokens(frame: Frame, props: TokensProps): Html {
  const { tokens, filter, pages, problems } = props;
  const of = fieldsOf<TokenFilterField>({
    order: ['name', 'client', 'person', 'kind', 'state'],
    values: filter,
    focusFirst: false,
  });
  const isFiltered = Object.values(filter).some(Boolean);
  return adminPage(frame, {
    section: 'tokens',
    title: 'Tokens',
    lead: 'What a token is, why it is refused, and the tokens of people and programs.',
    actions: html`<a class="button plain" href="/admin/tokens/revocations">Bulk revocations</a>`,
    problem: props.problem,
    problems,
    body: html`<section class="panel" aria-labelledby="what">
      <h2 id="what">What is this token?</h2>
      ${postForm(
        frame,
        '/admin/tokens/check',
        html`${textarea({
          name: 'token',
          label: 'A token, or the ID of one',
          rows: 3,
          problem: problems?.token,
          hint: 'Of any kind, with or without “Bearer”. It is neither stored nor shown again.',
        })}<button type="submit">Look it up</button>`,
      )}
    </section>
    <section class="panel flush" aria-labelledby="named">
      <h2 id="named">Tokens with a name</h2>
      <div class="flush-part">${filterForm(
        '/admin/tokens',
        html`${field({ ...of('name'), label: 'Name begins with', optional: true, maxLength: 100 })}
        ${field({ ...of('client'), label: 'Client', optional: true, maxLength: 100 })}
        ${field({ ...of('person'), label: 'Address or ID of a person', optional: true, maxLength: 320 })}
        ${select({
          ...of('kind'),
          label: 'Kind',
          options: [
            { value: '', label: 'Any' },
            ...['personal_access_token', 'api_token', 'api_key'].map((value) => ({
              value,
              label: tokenKinds[value] ?? value,
            })),
          ],
        })}
        ${select({
          ...of('state'),
          label: 'State',
          options: [
            { value: '', label: 'Any' },
            { value: 'active', label: 'Active' },
            { value: 'expired', label: 'Expired' },
            { value: 'revoked', label: 'Revoked' },
          ],
        })}`,
        { isFiltered },
      )}</div>
      ${
        tokens.length === 0
          ? html`<p class="sub">${pages.next ? 'No token matches among those searched so far. The next page searches on.' : isFiltered ? 'No token matches.' : 'There are none yet. Access and refresh tokens are not listed: look them up above.'}</p>`
          : selection(
              frame,
              table({
                caption: 'Tokens with a name',
                columns: [
                  { label: 'Name' },
                  { label: 'Kind' },
                  { label: 'Of' },
                  { label: 'Last used', keep: true },
                ],
                rows: tokens.map((token) => [
                  html`<div class="named">${
                    maySelect(frame)
                      ? html`<input type="checkbox" name="${selected}${token.id}" aria-label="Choose ${token.name}"${token.status !== 'active' && html` disabled`}>`
                      : html`<span class="kind">${keyIcon}</span>`
                  }<div><a href="${adminTokenPath(token.id)}"><bdi>${token.name}</bdi></a> ${stateBadge(token)}</div></div>`,
                  tokenKinds[token.kind] ?? token.kind,
                  token.person
                    ? personLink(frame, token.person)
                    : clientLink(frame, token.clientId),
                  token.lastUsedAt ? ago(token.lastUsedAt, frame.now) : 'Never',
                ]),
              }),
            )
      }
      <div class="flush-part">${pager({ ...pages, shown: '' })}${maySelect(frame) && matchForm(frame, filter)}</div>
    </section>`,
  });
}

/** The way to revoke all that match the filter, if it says which. */
function matchForm(frame: Frame, { state, ...filter }: TokensProps['filter']): Html | '' {
  const given = Object.entries(filter).filter(([, value]) => value);
  if (given.length === 0 || (state && state !== 'active')) return '';
  return postForm(
    frame,
    '/admin/tokens/revocations',
    html`${given.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}<button type="submit" class="plain">Revoke all that match…</button>`,
  );
}

/** The prefix of the fields of tokens that are chosen. */
export const selected = 'token:';

const maySelect = (frame: Frame): boolean => can(frame, 'tokens:revoke');

/** A list of which several can be chosen and revoked. */
const selection = (frame: Frame, list: Html): Html =>
  maySelect(frame)
    ? postForm(
        frame,
        '/admin/tokens/revoke',
        html`${list}<div class="flush-part"><button type="submit" class="plain">Revoke those chosen…</button></div>`,
        'selection',
      )
    : list;

/** What is about to be revoked, before it is. */
export const adminTokensToRevoke = (frame: Frame, { tokens }: { tokens: AdminToken[] }): Html =>
  adminPage(frame, {
    section: 'tokens',
    trail: [],
    title: tokens.length === 1 ? 'Revoke 1 token?' : `Revoke ${count(tokens.length)} tokens?`,
    lead: 'They stop working now, in every program that uses them. You cannot undo this.',
    body: html`<section class="panel" aria-label="Tokens"><ul class="ending">${tokens.map(
      (token) =>
        html`<li><bdi>${token.name ?? token.id}</bdi> <span class="aside">${tokenKinds[token.kind] ?? token.kind} of ${token.person ? html`<bdi>${token.person.email ?? (token.person.name || token.person.id)}</bdi>` : html`<bdi>${token.clientId}</bdi>`}${token.lastUsedAt && html`, last used ${ago(token.lastUsedAt, frame.now)}`}</span></li>`,
    )}</ul>
    ${postForm(
      frame,
      '/admin/tokens/revoke',
      html`<input type="hidden" name="confirmed" value="yes">${tokens.map(({ id }) => html`<input type="hidden" name="${selected}${id}" value="on">`)}
      <div class="form-end"><button type="submit" class="danger">${tokens.length === 1 ? 'Revoke it' : `Revoke all ${count(tokens.length)}`}</button><a class="button plain" href="/admin/tokens">Cancel</a></div>`,
    )}</section>`,
  });

/** How many of the chosen tokens are revoked, and why the others are not. */
export const adminTokensRevoked = (
  frame: Frame,
  { revoked, refused }: { revoked: number; refused: { name: string; why: string }[] },
): Html =>
  adminPage(frame, {
    section: 'tokens',
    trail: [],
    title: revoked === 1 ? '1 token is revoked' : `${count(revoked)} tokens are revoked`,
    body: html`${
      refused.length > 0
        ? html`<div class="box warning">${warningIcon}<div><p><strong>${refused.length === 1 ? 'One was' : `${count(refused.length)} were`} not revoked.</strong></p><ul class="reasons">${refused.map(({ name, why }) => html`<li><bdi>${name}</bdi>: ${why}</li>`)}</ul></div></div>`
        : html`<div class="box done">${checkIcon}<p>They no longer work anywhere.</p></div>`
    }<p><a class="button plain" href="/admin/tokens">Back to the tokens</a></p>`,
  });

export interface AdminTokenProps {
  token: AdminToken;
  /** Empty: it is active. */
  reasons: ReasonShown[];
  mayRevoke: boolean;
}

/** One token: whether it is active and why not, what it is, and its end. */
export function adminToken(frame: Frame, { token, reasons, mayRevoke }: AdminTokenProps): Html {
  const kind = tokenKinds[token.kind] ?? token.kind;
  const title = token.name ?? kind;
  const sees = (scope: string) => can(frame, scope);
  return adminPage(frame, {
    section: 'tokens',
    trail: [],
    title,
    heading: html`<bdi>${title}</bdi>`,
    lead: token.name ? kind : undefined,
    body: html`${verdict(frame, token, reasons)}
    <section class="panel" aria-labelledby="about"><h2 id="about">Details</h2>
      ${facts([
        ['ID', html`<code>${token.id}</code>`],
        ['Format', token.format === 'jwt' ? 'JWT' : 'Opaque'],
        ['Client', clientLink(frame, token.clientId)],
        ['Person', token.person ? personLink(frame, token.person) : 'None: it acts for its client'],
        ...(token.subject
          ? [['Subject', html`<bdi>${token.subject}</bdi>`] as [string, Html]]
          : []),
        [
          'For',
          token.audience.length > 0
            ? html`${token.audience.map((each) => html`<bdi>${each}</bdi> `)}`
            : 'None',
        ],
        [
          'Scopes',
          token.scope
            ? html`<span class="names">${token.scope.split(' ').map((name) => html`<code>${name}</code>`)}</span>`
            : 'None',
        ],
        [
          'Roles',
          token.roles.length > 0
            ? html`<span class="names">${token.roles.map((name) => html`<code>${name}</code>`)}</span>`
            : 'None',
        ],
        ...(token.kid
          ? [
              [
                'Signed by',
                sees('keys:read')
                  ? html`<a href="/admin/keys"><code>${token.kid}</code></a>`
                  : html`<code>${token.kid}</code>`,
              ] as [string, Html],
            ]
          : []),
        ...(token.hint ? [['Ends in', html`<code>${token.hint}</code>`] as [string, Html]] : []),
        ...(token.bound
          ? [
              ['Bound to', token.bound === 'dpop' ? 'A key (DPoP)' : 'A client certificate'] as [
                string,
                string,
              ],
            ]
          : []),
        ['Issued', momentFromNow(token.issuedAt, frame.now)],
        ['Expires', token.expiresAt ? momentFromNow(token.expiresAt, frame.now) : 'Never'],
        ...(token.lastUsedAt
          ? [['Last used', momentFromNow(token.lastUsedAt, frame.now)] as [string, Html]]
          : []),
      ])}
      ${sees('audit:read') && html`<p><a href="/admin/audit?about=${encodeURIComponent(token.id)}">Audit log</a></p>`}
    </section>
    ${
      mayRevoke &&
      dangerPanel(
        'end',
        'Revoke',
        dangerous(
          'Revoke this token…',
          html`<p>${
            token.kind === 'refresh_token'
              ? 'It stops working now, and so does every token of its login.'
              : 'It stops working now, in every program that uses it.'
          } You cannot undo this.</p>${postForm(frame, adminTokenPath(token.id, '/revoke'), html`<button type="submit" class="danger">Revoke the token</button>`)}`,
        ),
      )
    }`,
  });
}

/** What an active token is good for, by what introspection says of its kind. */
const activeMeans = ({ kind, bound }: AdminToken): string => {
  if (kind === 'refresh_token')
    return 'Its client gets access tokens with it. An API that is sent a refresh token refuses it.';
  if (kind === 'api_key')
    return 'It is for this server’s own API. Introspection does not accept it, so other APIs refuse it.';
  const proof = {
    dpop: ' Each request also needs a DPoP proof of its key.',
    certificate: ' Each request also needs the client certificate that it is bound to.',
  };
  return `Introspection accepts it.${bound ? proof[bound] : ''} If an API refuses it nevertheless, compare the API with “For” below, and the scopes with what the API asks for.`;
};

function verdict(frame: Frame, token: AdminToken, reasons: ReasonShown[]): Html {
  return reasons.length === 0
    ? html`<div class="box done">${checkIcon}<p><strong>It is active.</strong> ${activeMeans(token)}</p></div>`
    : html`<div class="box warning">${warningIcon}<div><p><strong>It is not active.</strong></p><ul class="reasons">${reasons.map(
        ({ text, at, detail }) =>
          html`<li>${text}${at && html` ${momentFromNow(at, frame.now)}.`}${detail && html` <code>${detail}</code>`}</li>`,
      )}</ul></div></div>`;
}

/** What a pasted value is that is no token of the installation. */
export const adminUnknownToken = (frame: Frame, { text }: { text: string }): Html =>
  adminPage(frame, {
    section: 'tokens',
    trail: [],
    title: 'What is this token?',
    body: html`<div class="box warning">${warningIcon}<p>${text}</p></div>
      <p><a class="button plain" href="/admin/tokens">Look up another one</a></p>`,
  });
