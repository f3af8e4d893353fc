import { html } from 'hono/html';
import {
  type AppShown,
  appPath,
  appSubpage,
  type RoleChoice,
  roleOptions,
} from '../components/app.ts';
import { codeBlock } from '../components/code-block.ts';
import { select } from '../components/controls.ts';
import { dangerous } from '../components/danger.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { onceField, postForm } from '../components/form.ts';
import { keyIcon } from '../components/icons.ts';
import { count } from '../components/number.ts';
import { secretValue } from '../components/secret-value.ts';
import { briefly, dayInWords, duration, fromNow } from '../components/time.ts';
import type { Frame, Html } from '../layout/frame.ts';

/** An initial access token of an app. */
export interface InitialTokenShown {
  id: string;
  name: string;
  hint: string;
  role: string | null;
  uses: number;
  maxUses: number;
  expiresAt: Date;
}

export type InitialTokenField = 'name' | 'role' | 'uses' | 'lifetime';

export interface AppRegistrationProps {
  app: AppShown;
  /** Newest first. */
  tokens: InitialTokenShown[];
  /** The roles that the viewer can give. */
  roles: RoleChoice[];
  /** Lifetimes to choose from, in seconds. */
  lifetimes: readonly number[];
  /** Makes the form take effect once. */
  idempotencyKey: string;
  values?: Partial<Record<InitialTokenField, string | undefined>> | undefined;
  problems?: Problems<InitialTokenField> | undefined;
  /** What is wrong with the form as a whole. */
  problem?: string | undefined;
}

const path = (app: { name: string }, rest = '') => appPath(app, `/registration${rest}`);

/** The initial access tokens of an app, and the form that creates one. */
export function appRegistration(frame: Frame, props: AppRegistrationProps): Html {
  return appSubpage(frame, {
    app: props.app,
    trail: [['Settings', appPath(props.app, '/settings')]],
    title: 'Programs that register themselves',
    lead: 'With an initial access token, a program registers clients of this app (RFC 7591): one for each deployment, for example.',
    problem: props.problem,
    problems: props.problems,
    body: html`${list(frame, props)}${creation(frame, props)}`,
  });
}

function list(frame: Frame, { app, tokens }: AppRegistrationProps): Html {
  return html`<section class="panel" aria-labelledby="tokens">
    <h2 id="tokens">Initial access tokens</h2>
    ${
      tokens.length === 0
        ? html`<p class="sub">This app has no initial access tokens.</p>`
        : html`<ul class="rows folds">${tokens.map(
            (token) => html`<li class="folding"><div class="row-head">
      <div class="glyph">${keyIcon}</div>
      <div class="row-name"><h3><bdi>${token.name}</bdi> <span class="aside mono">…${token.hint}</span></h3>
        <p class="sub">For the role <bdi>${token.role}</bdi>. Used ${count(token.uses)} of ${count(token.maxUses)} times. Expires ${briefly(token.expiresAt, fromNow(token.expiresAt, frame.now))}.</p></div>
    </div>${dangerous(
      html`Revoke<span class="visually-hidden"> <bdi>${token.name}</bdi></span>…`,
      html`<p>No further client can be registered with it. Those that were stay.</p>
      ${postForm(
        frame,
        path(app, '/revoke'),
        html`<input type="hidden" name="token_id" value="${token.id}"><button type="submit" class="danger">Revoke it</button>`,
      )}`,
    )}</li>`,
          )}</ul>`
    }
  </section>`;
}

function creation(frame: Frame, props: AppRegistrationProps): Html {
  const { app, roles, lifetimes, values, problems, idempotencyKey } = props;
  const of = fieldsOf<InitialTokenField>({
    order: ['name', 'role', 'uses', 'lifetime'],
    values,
    problems,
    focusFirst: false,
  });
  return html`<section class="panel" aria-labelledby="create">
    <h2 id="create">Create one</h2>
    <p class="sub">It also stops working when you are no longer an Owner, or no longer have every permission of the role.</p>
    ${postForm(
      frame,
      path(app),
      html`${onceField(idempotencyKey)}
      ${field({ ...of('name'), label: 'Name', hint: 'What it is for, such as “Deployment”.', maxLength: 100 })}
      ${select({
        ...of('role'),
        label: 'Role of its clients',
        options: roleOptions(roles),
        choose: 'Choose a role',
        hint: html`Choose the least that they need. <a href="${appPath(app, '/roles')}">What each role allows</a>`,
      })}
      ${field({
        ...of('uses'),
        label: 'Clients that can be registered with it',
        maxLength: 5,
        attributes: html`inputmode="numeric"`,
      })}
      ${select({
        ...of('lifetime'),
        label: 'Expires in',
        options: lifetimes.map((seconds) => ({ value: String(seconds), label: duration(seconds) })),
      })}
      <button type="submit">Create the token</button>`,
      { noValidate: true },
    )}
  </section>`;
}

export interface InitialTokenCreatedProps {
  app: AppShown;
  token: InitialTokenShown;
  value: string;
  /** A command that registers a client with it. */
  curl: string;
}

/** Shows the value of a new initial access token, only this once. */
export function initialTokenCreated(frame: Frame, props: InitialTokenCreatedProps): Html {
  const { app, token, value, curl } = props;
  return appSubpage(frame, {
    app,
    trail: [
      ['Settings', appPath(app, '/settings')],
      ['Programs that register themselves', path(app)],
    ],
    title: 'Initial access token created',
    lead: html`<bdi>${token.name}</bdi> registers ${token.maxUses === 1 ? 'one client' : `${count(token.maxUses)} clients`} with the role <bdi>${token.role}</bdi>, until ${dayInWords(token.expiresAt)}.`,
    body: html`<section class="panel" aria-labelledby="created">
      <h2 id="created">The token</h2>
      ${secretValue('initial access token', value)}
    </section>
    <section class="panel" aria-labelledby="use">
      <h2 id="use">Register a client</h2>
      <p class="sub">The response has the ID and the secret of the client. It appears in this app.</p>
      ${codeBlock('curl', curl, 'curl')}
    </section>
    <div class="form-end"><a class="button" href="${path(app)}">Done</a></div>`,
  });
}
