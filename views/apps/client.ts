import { html } from 'hono/html';
import {
  type AppShown,
  appPage,
  type ClientShown,
  clientPath,
  isRedirectedTo,
  kindNames,
  type RoleChoice,
  redirectUriExamples,
  roleOptions,
} from '../components/app.ts';
import { disabledBadge } from '../components/badge.ts';
import { clientTabs } from '../components/client-tabs.ts';
import { checkboxes, select, textarea } from '../components/controls.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { facts } from '../components/facts.ts';
import { field } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { lifetimeField, lifetimeParts } from '../components/lifetime.ts';
import { information, warning } from '../components/notice.ts';
import { count } from '../components/number.ts';
import { type SecretShown, secretAdvice, secretList } from '../components/secrets.ts';
import { duration, momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';

export type { SecretShown } from '../components/secrets.ts';

type IdTokenAlg = 'RS256' | 'ES256' | 'EdDSA';

export interface AppClientProps {
  app: AppShown;
  client: ClientShown & {
    redirectUris: string[];
    /** Null where it is a server, which gets no ID tokens. */
    idTokenAlg: IdTokenAlg | null;
    accessTokenTtl: number | null;
    accessTokenFormat: 'opaque' | 'jwt' | null;
    /** Calls, and bytes of answers, in a month; null does not limit them. */
    apiCallsLimit: number | null;
    apiTrafficLimit: number | null;
    allowAnonymous: boolean;
    createdAt: Date;
  };
  /** Whoever looks may change it: their own role covers that of the client. */
  mayManage: boolean;
  /** What it has used of APIs this month, as their guards reported it. */
  apiUse: { calls: number; bytes: number };
  /** Those that whoever looks may give; the one that it has is among them. */
  roles: RoleChoice[];
  /** What the open resources let it have; an empty list where none is open. */
  tokenFormats: ('opaque' | 'jwt')[];
  /** Seconds. */
  longestAccessTokenTtl: number | null;
  /** Newest first; undefined where the kind of client has none. */
  secrets?: SecretShown[] | undefined;
  /** There is room for one more. */
  mayAddSecret: boolean;
  /** What was filled in before. */
  values?: ClientSettingsFilled | undefined;
  problem?: string | undefined;
  field?:
    | 'display_name'
    | 'role'
    | 'redirect_uris'
    | 'id_token_alg'
    | 'lifetime'
    | 'token_format'
    | 'calls_limit'
    | 'traffic_limit'
    | undefined;
}

export interface ClientSettingsFilled {
  display_name?: string | undefined;
  role?: string | undefined;
  redirect_uris?: string | undefined;
  id_token_alg?: string | undefined;
  /** A number of units, or nothing to leave it to the API. */
  lifetime?: string | undefined;
  /** Seconds of a unit: 60, 3600 or 86400. */
  lifetime_unit?: string | undefined;
  /** `opaque`, `jwt`, or nothing to leave it to the API. */
  token_format?: string | undefined;
  /** Numbers, or nothing to set no limit. */
  calls_limit?: string | undefined;
  traffic_limit?: string | undefined;
  /** `on`, where it is ticked. */
  allow_anonymous?: string | undefined;
}

const formatNames = {
  opaque: 'Opaque: the API asks this server what a token may do',
  jwt: 'JWT: the API reads a token by itself',
};

const idTokenAlgNames: Record<IdTokenAlg, string> = {
  RS256: 'RS256: what most libraries expect',
  ES256: 'ES256: shorter',
  EdDSA: 'EdDSA: shorter, and not known to every library',
};

/** The settings of a client, its secrets, and what ends it. */
export function appClient(frame: Frame, props: AppClientProps): Html {
  const { app, client, mayManage } = props;
  return appPage(frame, {
    app,
    current: 'overview',
    title: client.displayName || client.name,
    heading: html`<bdi>${client.displayName || client.name}</bdi>${client.disabledAt && html` ${disabledBadge}`}`,
    lead: html`<code><bdi>${client.clientId}</bdi></code> · ${kindNames[client.kind]}`,
    trail: [[client.displayName || client.name, clientPath(app, client)]],
    problem: props.field ? undefined : props.problem,
    body: html`${clientTabs(app, client, 'settings')}
    ${
      client.disabledAt &&
      warning(
        html`<p><strong>This client is disabled.</strong> Its tokens have ended, and it gets no new ones${mayManage && client.disabledBy === 'member' ? ' until you enable it' : ''}.</p>`,
      )
    }
    ${
      !mayManage &&
      information(
        html`<p>${app.manages === 'nothing' ? 'You can look, and change nothing: your role in this app does not manage its clients.' : html`You can look, and change nothing: this client may do more than you, as <bdi>${client.role}</bdi>.`}</p>`,
      )
    }
    ${mayManage ? settings(frame, props) : overview(frame, props)}
    ${use(props)}
    ${props.secrets && secrets(frame, props, props.secrets)}
    ${mayManage && ends(frame, props)}`,
  });
}

function settings(frame: Frame, props: AppClientProps): Html {
  const { app, client, roles, values = {}, tokenFormats, longestAccessTokenTtl } = props;
  const problemOf = (name: AppClientProps['field']) =>
    props.field === name ? props.problem : undefined;
  const [lifetime, unit] = lifetimeParts(client.accessTokenTtl);
  const limit = (
    name: 'calls_limit' | 'traffic_limit',
    { limit: set, ...given }: { label: string; hint: string; limit: number | null },
  ) =>
    field({
      name,
      optional: true,
      value: values[name] ?? textOf(set),
      problem: problemOf(name),
      maxLength: 15,
      attributes: html`inputmode="numeric"`,
      ...given,
    });
  return html`<section class="panel" aria-labelledby="settings">
    <h2 id="settings">Settings</h2>
    ${postForm(
      frame,
      clientPath(app, client, '/settings'),
      html`${field({
        name: 'display_name',
        label: 'Display name',
        value: values.display_name ?? client.displayName,
        problem: problemOf('display_name'),
      })}
      ${select({
        name: 'role',
        label: 'Role',
        options: roleOptions(roles),
        value: values.role ?? client.role,
        hint: 'What it may do. A change holds at once, for tokens that it has already.',
        problem: problemOf('role'),
      })}
      ${
        isRedirectedTo(client.kind) &&
        textarea({
          name: 'redirect_uris',
          label: 'Redirect URIs',
          value: values.redirect_uris ?? client.redirectUris.join('\n'),
          rows: Math.min(8, Math.max(3, client.redirectUris.length + 1)),
          placeholder: redirectUriExamples[client.kind],
          hint: 'Where people’s browsers come back to, one a line.',
          problem: problemOf('redirect_uris'),
        })
      }
      ${
        client.idTokenAlg &&
        select({
          name: 'id_token_alg',
          label: 'Signature of its ID tokens',
          options: Object.entries(idTokenAlgNames).map(([value, label]) => ({ value, label })),
          value: values.id_token_alg ?? client.idTokenAlg,
          hint: 'Which your program has to expect: change it there as well.',
          problem: problemOf('id_token_alg'),
        })
      }
      ${lifetimeField({
        value: values.lifetime ?? lifetime,
        unit: values.lifetime_unit ?? unit,
        longest: longestAccessTokenTtl,
        problem: problemOf('lifetime'),
      })}
      ${
        tokenFormats.length > 0 &&
        select({
          name: 'token_format',
          label: 'Format of its access tokens',
          options: [
            { value: '', label: 'As the API decides' },
            ...tokenFormats.map((format) => ({ value: format, label: formatNames[format] })),
          ],
          value: values.token_format ?? client.accessTokenFormat ?? '',
          hint: 'An API that verifies a JWT by itself does not see that it was revoked: give JWTs a short life, such as an hour.',
          problem: problemOf('token_format'),
        })
      }
      ${limit('calls_limit', {
        label: 'API calls per month',
        limit: client.apiCallsLimit,
        hint: 'Above the limit, APIs refuse the client until the next month. Leave it empty for no limit.',
      })}
      ${limit('traffic_limit', {
        label: 'API traffic per month, in bytes',
        limit: client.apiTrafficLimit,
        hint: 'The size of the responses that it gets.',
      })}
      ${checkboxes({
        legend: 'Requests without credentials',
        boxes: [
          {
            name: 'allow_anonymous',
            label: 'Treat them as this client',
            description: 'They may then do what its role permits.',
            checked:
              values.allow_anonymous === undefined
                ? client.allowAnonymous
                : values.allow_anonymous === 'on',
          },
        ],
      })}
      <button type="submit">Save</button>`,
    )}
  </section>`;
}

/** The same, for who may only look. */
function overview(frame: Frame, { client }: AppClientProps): Html {
  return html`<section class="panel" aria-labelledby="settings">
    <h2 id="settings">Settings</h2>
    ${facts([
      ['Role', html`<bdi>${client.role}</bdi>`],
      ...(client.redirectUris.length > 0
        ? [
            [
              'Redirects to',
              html`<span class="stack">${client.redirectUris.map((uri) => html`<code><bdi>${uri}</bdi></code>`)}</span>`,
            ] as [string, Html],
          ]
        : []),
      ...(client.idTokenAlg
        ? [['ID tokens', html`Signed with ${client.idTokenAlg}`] as [string, Html]]
        : []),
      [
        'Tokens live',
        client.accessTokenTtl ? duration(client.accessTokenTtl) : 'As the API decides',
      ],
      [
        'Format',
        client.accessTokenFormat ? formatNames[client.accessTokenFormat] : 'As the API decides',
      ],
      ...(client.allowAnonymous
        ? [['Anonymous', 'Serves everyone without credentials'] as [string, string]]
        : []),
      ['Made', momentFromNow(client.createdAt, frame.now)],
    ])}
  </section>`;
}

const textOf = (limit: number | null): string => (limit === null ? '' : String(limit));

/** What it has used of the APIs this month, next to its limits. */
function use({ client, apiUse }: AppClientProps): Html {
  const of = (used: number, limit: number | null, unit: string): string =>
    limit === null
      ? `${count(used)} ${unit}, without a limit`
      : `${count(used)} of ${count(limit)} ${unit}`;
  return html`<section class="panel" aria-labelledby="use">
    <h2 id="use">Use of APIs this month</h2>
    ${facts([
      ['Calls', of(apiUse.calls, client.apiCallsLimit, 'calls')],
      ['Traffic', of(apiUse.bytes, client.apiTrafficLimit, 'bytes')],
    ])}
  </section>`;
}

function secrets(frame: Frame, props: AppClientProps, list: SecretShown[]): Html {
  const { app, client, mayManage, mayAddSecret } = props;
  const advice = mayManage ? secretAdvice(list, frame.now) : undefined;
  return html`<section class="panel" aria-labelledby="secrets">
    <h2 id="secrets">Secrets</h2>
    <p class="sub">To change a secret, make a new one, give it to your program, then delete the old one: both work meanwhile.</p>
    ${advice && information(html`<p>${advice}</p>`)}
    ${secretList(list, frame.now, (secret, name) =>
      mayManage
        ? dangerous(
            html`Delete…<span class="visually-hidden"> ${name}</span>`,
            html`<p>A program that still uses it can then get no more tokens. Tokens that it has live on, unless you tick that others may know the secret.</p>
            ${postForm(
              frame,
              clientPath(app, client, '/secrets/delete'),
              html`<input type="hidden" name="secret_id" value="${secret.id}">
              <div class="checks"><label><input type="checkbox" name="end_tokens"><span>Others may know it: end the tokens of this client too</span></label></div>
              <button type="submit" class="danger">Delete ${name}</button>`,
            )}`,
          )
        : '',
    )}
    ${
      mayManage &&
      (mayAddSecret
        ? postForm(
            frame,
            clientPath(app, client, '/secrets'),
            html`<button type="submit" class="plain">Make a new secret</button>`,
          )
        : html`<p class="sub">A client has two secrets at most. Delete one to make a new one.</p>`)
    }
  </section>`;
}

function ends(frame: Frame, { app, client }: AppClientProps): Html {
  const name = html`<bdi>${client.displayName || client.name}</bdi>`;
  return dangerPanel(
    'ends',
    client.disabledAt ? 'Enable or delete' : 'Disable or delete',
    html`${
      client.disabledBy === 'operator'
        ? html`<p class="sub">Whoever runs ${frame.brand.name} has disabled this client, and alone can enable it. It gets no tokens.</p>`
        : client.disabledAt
          ? html`<div class="panel-row"><p class="sub">Once enabled, it can get tokens again. Those that ended stay ended.</p>
          ${postForm(frame, clientPath(app, client, '/enable'), html`<button type="submit" class="plain">Enable ${name}</button>`, 'inline')}</div>`
          : dangerous(
              html`Disable ${name}…`,
              html`<p>All its tokens end at once, and it gets no new ones until somebody enables it. Its settings and secrets stay.</p>
            ${postForm(frame, clientPath(app, client, '/disable'), html`<button type="submit" class="danger">Disable ${name}</button>`)}`,
            )
    }
    ${dangerous(
      html`Delete ${name}…`,
      html`<p>All its tokens end at once, and so do its secrets${client.kind !== 'server' ? ' and the logins of the people who use it' : ''}. This cannot be undone, and <code><bdi>${client.clientId}</bdi></code> is never given again.</p>
      ${postForm(frame, clientPath(app, client, '/delete'), html`<button type="submit" class="danger">Delete ${name}</button>`)}`,
    )}`,
  );
}
