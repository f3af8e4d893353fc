import { html } from 'hono/html';
import { clientName, clientPage, clientPath, signsPeopleIn } from '../components/app.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { facts } from '../components/facts.ts';
import { postForm } from '../components/form.ts';
import { information, warning } from '../components/notice.ts';
import { count } from '../components/number.ts';
import type { SecretShown } from '../components/secrets.ts';
import { support } from '../components/support.ts';
import { duration, momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { clientSecrets } from './client-secrets.ts';
import { securityFacts } from './client-security.ts';
import { type ClientSettingsProps, clientSettings, formatNames } from './client-settings.ts';
import { signInFacts } from './client-sign-in.ts';

export interface AppClientProps extends ClientSettingsProps {
  /** Whether the viewer can change it: their role covers the role of the client. */
  mayManage: boolean;
  /** What it used of the APIs this month, as their guards reported. */
  apiUse: { calls: number; bytes: number };
  /** Newest first; undefined for a public client, and if the viewer cannot see them. */
  secrets?: SecretShown[] | undefined;
  /** Whether it is below the maximum number of secrets. */
  mayAddSecret: boolean;
  /** What is wrong with a form as a whole. */
  problem?: string | undefined;
}

/** The settings of a client, its secrets, and the ways to disable and delete it. */
export function appClient(frame: Frame, props: AppClientProps): Html {
  const { app, client, mayManage, secrets } = props;
  return clientPage(frame, {
    app,
    client,
    current: 'settings',
    problem: props.problem,
    problems: props.problems,
    body: html`${
      client.disabledAt &&
      warning(
        html`<p><strong>This client is disabled.</strong> Its tokens are revoked, and it gets no new ones${mayManage && client.disabledBy === 'member' ? ' until you enable it' : ''}.</p>`,
      )
    }
    ${
      !mayManage &&
      information(
        html`<p>You can look at this client, but not change it: ${app.manages === 'nothing' ? 'your role does not manage the clients of this app' : html`its role, <bdi>${client.role}</bdi>, allows more than yours`}.</p>`,
      )
    }
    ${
      client.firstParty &&
      information(
        html`<p>An administrator marked this client as first-party: people are not asked to allow it${client.kind === 'native' && ', except at redirect URIs that other programs on a device could use too'}. It loses this mark when a member of the app changes its redirect URIs.</p>`,
      )
    }
    ${mayManage ? clientSettings(frame, props) : overview(frame, props)}
    ${secrets && clientSecrets(frame, { ...props, secrets })}
    ${use(props)}
    ${mayManage && endings(frame, props)}`,
  });
}

/** The settings for a viewer who cannot change them. */
function overview(frame: Frame, { client }: AppClientProps): Html {
  return html`<section class="panel" aria-labelledby="settings">
    <h2 id="settings">Settings</h2>
    ${facts([
      ['Role', html`<bdi>${client.role}</bdi>`],
      ...(client.redirectUris.length > 0
        ? [
            [
              'Redirect URIs',
              html`<span class="stack">${client.redirectUris.map((uri) => html`<code><bdi>${uri}</bdi></code>`)}</span>`,
            ] as [string, Html],
          ]
        : []),
      ...(client.idTokenAlg
        ? [['ID tokens', html`Signed with ${client.idTokenAlg}`] as [string, Html]]
        : []),
      ['Lifetime', client.accessTokenTtl ? duration(client.accessTokenTtl) : 'Default of the API'],
      [
        'Format',
        client.accessTokenFormat ? formatNames[client.accessTokenFormat] : 'Default of the API',
      ],
      ...(client.allowAnonymous
        ? [['Anonymous', 'Requests without credentials count as this client'] as [string, string]]
        : []),
      ...(client.tokenExchange
        ? [
            ['Acting for people', 'It can exchange tokens of this app’s clients'] as [
              string,
              string,
            ],
          ]
        : []),
      ...signInFacts(client.signIn),
      ...securityFacts(client.security),
      ['Created', momentFromNow(client.createdAt, frame.now)],
    ])}
  </section>`;
}

/** What it used of the APIs this month, and its limits. */
function use({ client, apiUse }: AppClientProps): Html {
  const of = (used: number, limit: number | null, unit: string): string =>
    limit === null
      ? `${count(used)} ${unit}, no limit`
      : `${count(used)} of ${count(limit)} ${unit}`;
  return html`<section class="panel" aria-labelledby="use">
    <h2 id="use">API usage this month</h2>
    ${facts([
      ['Calls', of(apiUse.calls, client.apiCallsLimit, 'calls')],
      ['Traffic', of(apiUse.bytes, client.apiTrafficLimit, 'bytes')],
    ])}
  </section>`;
}

function endings(frame: Frame, { app, client }: AppClientProps): Html {
  const name = html`<bdi>${clientName(app, client)}</bdi>`;
  return dangerPanel(
    'endings',
    client.kind === 'agent'
      ? 'Stop or delete'
      : client.disabledAt
        ? 'Enable or delete'
        : 'Disable or delete',
    html`${
      client.disabledBy === 'operator'
        ? html`<p class="sub">An administrator disabled this client, and only an administrator can enable it. Ask ${support(frame)}.</p>`
        : client.kind === 'agent'
          ? html`<p class="sub">To ${client.disabledAt ? 'start it again' : 'stop it at once'}, open <a href="${clientPath(app, client, '/agent')}">its page</a>.</p>`
          : client.disabledAt
            ? html`<div class="panel-row"><p class="sub">If you enable it, it can get tokens again. Its old tokens stay revoked.</p>
          ${postForm(frame, clientPath(app, client, '/enable'), html`<button type="submit" class="plain">Enable ${name}</button>`, 'inline')}</div>`
            : dangerous(
                html`Disable ${name}…`,
                html`<p>All of its tokens are revoked now, and it gets no new ones until it is enabled. Its settings and secrets stay.</p>
            ${postForm(frame, clientPath(app, client, '/disable'), html`<button type="submit" class="danger">Disable ${name}</button>`)}`,
              )
    }
    ${dangerous(
      html`Delete ${name}…`,
      html`<p>All of its tokens and secrets are revoked now${signsPeopleIn(client.kind) ? ', and the people who use it are signed out of it' : ''}. This cannot be undone, and no client can have the ID <code><bdi>${client.clientId}</bdi></code> again.</p>
      ${postForm(frame, clientPath(app, client, '/delete'), html`<button type="submit" class="danger">Delete ${name}</button>`)}`,
    )}`,
  );
}
