import { html } from 'hono/html';
import { copyable } from '../components/code-block.ts';
import { facts } from '../components/facts.ts';
import { field } from '../components/field.ts';
import { postForm } from '../components/form.ts';
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

export interface RegisteredClientsProps {
  clients: RegisteredClientShown[];
  /** Goes along with the form that registers one, so that a double click registers no second. */
  formKey: string;
  /** What was filled in before, for a new client or for the one of `editing`. */
  values?: Partial<Record<FieldName, string | undefined>> | undefined;
  editing?: string | undefined;
  problem?: string | undefined;
  field?: FieldName | undefined;
}

const path = '/account/clients';

/** The clients that a person registered, and the forms to register, change and delete them. */
export function registeredClients(frame: Frame, props: RegisteredClientsProps): Html {
  const { clients, formKey, editing, problem, field: at } = props;
  const ofNew = editing === undefined ? props : undefined;
  return accountPage(frame, {
    title: 'OAuth clients',
    lead: 'Programs that you registered. When a person allows access, the program gets a token.',
    problem: at ? undefined : problem,
    body: html`${
      clients.length > 0
        ? html`<ul class="list">${clients.map(
            (client) =>
              html`<li class="panel">${item(frame, client, editing === client.clientId ? props : undefined)}</li>`,
          )}</ul>`
        : html`<p>You have not registered any clients yet.</p>`
    }
    <section class="panel" aria-labelledby="register">
      <h2 id="register">Register a client</h2>
      ${postForm(
        frame,
        path,
        html`<input type="hidden" name="idempotency_key" value="${formKey}">
        ${fieldsOf('new', ofNew)}
        <div class="form-end"><button type="submit">Register the client</button></div>`,
      )}
    </section>`,
  });
}

function item(
  frame: Frame,
  client: RegisteredClientShown,
  edited: RegisteredClientsProps | undefined,
): Html {
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
  <details${edited && html` open`}><summary>Change…<span class="visually-hidden"> <bdi>${name}</bdi></span></summary>
    ${postForm(
      frame,
      `${path}/save`,
      html`${id}<div class="narrow">${fieldsOf(clientId, edited ?? { values: { client_name: name, redirect_uri: redirectUri } })}</div>
      <button type="submit">Save</button>`,
    )}
  </details>
  <details class="danger"><summary>Delete…<span class="visually-hidden"> <bdi>${name}</bdi></span></summary>
    <p>Its secret stops working, and all of its tokens are revoked.</p>
    ${postForm(
      frame,
      `${path}/delete`,
      html`${id}<button type="submit" class="danger">Delete <bdi>${name}</bdi></button>`,
    )}
  </details>`;
}

/** `of` keeps the ids of the forms of a page apart. */
function fieldsOf(
  of: string,
  props: Pick<RegisteredClientsProps, 'values' | 'problem' | 'field'> | undefined,
): Html {
  const { values = {}, problem, field: at } = props ?? {};
  return html`${field({
    name: 'client_name',
    id: `client_name-${of}`,
    label: 'Name',
    value: values.client_name,
    hint: 'People see it when they allow access.',
    problem: at === 'client_name' ? problem : undefined,
  })}
  ${field({
    name: 'redirect_uri',
    id: `redirect_uri-${of}`,
    label: 'Redirect URI',
    value: values.redirect_uri,
    hint: 'The address that browsers return to. It must match what the program sends. It begins with https://, or with http:// on this computer.',
    problem: at === 'redirect_uri' ? problem : undefined,
    attributes: html`class="mono" autocapitalize="none" spellcheck="false" inputmode="url"`,
  })}`;
}

export interface RegisteredClientCreatedProps {
  client: RegisteredClientShown;
  secret: string;
}

/** Shows the id and the secret of a client, this once. */
export function registeredClientCreated(
  frame: Frame,
  { client, secret }: RegisteredClientCreatedProps,
): Html {
  return accountPage(frame, {
    title: 'Your client is ready',
    lead: html`<bdi>${client.name}</bdi> can ask people for access from now on.`,
    body: html`<section class="panel" aria-labelledby="credentials">
      <h2 id="credentials">Its credentials</h2>
      ${caution(
        html`<p><strong>Store the secret now: it is shown this once.</strong> Treat it like a password: keep it where your program’s other secrets are, not in its code, and send it to nobody.</p>`,
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
