import { html } from 'hono/html';
import { copyable } from '../components/code-block.ts';
import { crumbs } from '../components/crumbs.ts';
import { facts } from '../components/facts.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { onceField, postForm } from '../components/form.ts';
import { keyIcon } from '../components/icons.ts';
import { caution } from '../components/notice.ts';
import { momentFromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

export interface RegisteredClientShown {
  clientId: string;
  name: string;
  redirectUri: string;
  createdAt: Date;
}

type FieldName = 'client_name' | 'redirect_uri';
type Values = Partial<Record<FieldName, string | undefined>>;

/** The fields of one form, as they were filled in. */
interface Filled {
  values?: Values | undefined;
  problems?: Problems<FieldName> | undefined;
}

export interface RegisteredClientsProps extends Filled {
  clients: RegisteredClientShown[];
  /** Makes the form take effect once, even after a double click. */
  formKey: string;
  /** The client that `values` and `problems` are about; without it they are about a new one. */
  editing?: string | undefined;
  /** What is wrong with the form as a whole. */
  problem?: string | undefined;
}

const path = '/account/clients';

/** The clients that a person registered, and the forms to register, change and delete them. */
export function registeredClients(frame: Frame, props: RegisteredClientsProps): Html {
  const { clients, formKey, editing, problem, problems } = props;
  const ofNew = editing === undefined ? props : {};
  return accountPage(frame, {
    title: 'OAuth clients',
    lead: 'Programs that you registered. When a person allows access, the program gets a token.',
    problem,
    problems,
    narrow: true,
    crumbs: crumbs([['Account', '/account']]),
    body: html`${
      clients.length > 0 &&
      html`<ul class="list">${clients.map(
        (client) =>
          html`<li class="panel">${item(frame, client, editing === client.clientId ? props : undefined)}</li>`,
      )}</ul>`
    }
    <section class="panel" aria-labelledby="register">
      <h2 id="register">Register a client</h2>
      ${clients.length === 0 && html`<p class="sub">You have not registered a client yet.</p>`}
      ${postForm(
        frame,
        path,
        html`${onceField(formKey)}
        ${fields('new', { ...ofNew, focusFirst: clients.length === 0 })}
        <div class="form-end"><button type="submit">Register client</button></div>`,
        { noValidate: true },
      )}
    </section>`,
  });
}

function item(frame: Frame, client: RegisteredClientShown, edited: Filled | undefined): Html {
  const { clientId, name, redirectUri, createdAt } = client;
  const id = html`<input type="hidden" name="client_id" value="${clientId}">`;
  return html`<div class="item">
    <div class="glyph">${keyIcon}</div>
    <div class="item-head"><h2><bdi>${name}</bdi></h2></div>
  </div>
  ${facts([
    ['Client ID', html`<code>${clientId}</code>`],
    ['Redirect URI', html`<code><bdi>${redirectUri}</bdi></code>`],
    ['Registered', momentFromNow(createdAt, frame.now)],
  ])}
  <details${edited && html` open`}><summary>Edit…<span class="visually-hidden"> <bdi>${name}</bdi></span></summary>
    ${postForm(
      frame,
      `${path}/save`,
      html`${id}<div class="narrow">${fields(clientId, edited ?? { values: { client_name: name, redirect_uri: redirectUri } })}</div>
      <button type="submit">Save</button>`,
      { noValidate: true },
    )}
  </details>
  <details class="danger"><summary>Delete…<span class="visually-hidden"> <bdi>${name}</bdi></span></summary>
    <p>Its secret no longer works, and all its tokens are revoked.</p>
    ${postForm(
      frame,
      `${path}/delete`,
      html`${id}<button type="submit" class="danger">Delete <bdi>${name}</bdi></button>`,
    )}
  </details>`;
}

/** `form` keeps the ids of the forms of a page apart. */
function fields(
  form: string,
  { values, problems, focusFirst = false }: Filled & { focusFirst?: boolean },
): Html {
  const shared = fieldsOf({ order: ['client_name', 'redirect_uri'], values, problems, focusFirst });
  return html`${field({
    ...shared('client_name'),
    id: `client_name-${form}`,
    label: 'Name',
    hint: 'People see it when they allow access.',
  })}
  ${field({
    ...shared('redirect_uri'),
    id: `redirect_uri-${form}`,
    label: 'Redirect URI',
    hint: 'Browsers return to this URL, and the program must send the same one. It begins with https://, or with http:// on this computer.',
    attributes: html`class="mono" autocapitalize="none" spellcheck="false" inputmode="url"`,
  })}`;
}

export interface RegisteredClientCreatedProps {
  client: RegisteredClientShown;
  secret: string;
}

/** Shows the ID and the secret of a new client, once. */
export function registeredClientCreated(
  frame: Frame,
  { client, secret }: RegisteredClientCreatedProps,
): Html {
  return accountPage(frame, {
    title: 'Your client is ready',
    lead: html`<bdi>${client.name}</bdi> can now ask people for access.`,
    narrow: true,
    body: html`<section class="panel" aria-labelledby="credentials">
      <h2 id="credentials">Credentials</h2>
      ${caution(
        html`<p><strong>Store the secret now: it is shown only once.</strong> Treat it like a password: keep it with the other secrets of your program, not in its code, and share it with no one.</p>`,
      )}
      <dl class="credentials">
        <div><dt>Client ID</dt><dd>${copyable('the client ID', client.clientId)}</dd></div>
        <div><dt>Client secret</dt><dd>${copyable('the client secret', secret)}</dd></div>
        <div><dt>Redirect URI</dt><dd><code><bdi>${client.redirectUri}</bdi></code></dd></div>
      </dl>
    </section>
    <div class="form-end"><a class="button" href="${path}">Done</a></div>`,
  });
}
