import { html } from 'hono/html';
import type { ClientKind } from '../components/app.ts';
import { disabledBadge } from '../components/badge.ts';
import { codeBlock } from '../components/code-block.ts';
import { codeTabs } from '../components/code-tabs.ts';
import type { ConnectShown } from '../components/connect.ts';
import { connectSteps, step, type TrialShown } from '../components/connect-steps.ts';
import { warning } from '../components/notice.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { adminClientPath, adminClientTabs } from './clients.ts';
import { adminPage } from './shell.ts';

export interface ClientConnectProps {
  client: {
    clientId: string;
    name: string | null;
    /** What kind of program it is, in words. */
    kindInWords: string;
    /** Undefined if it gets no tokens, for itself or for people. */
    kind: ClientKind | undefined;
    disabledAt: Date | null;
  };
  /** The APIs that it can get tokens for. */
  resources: { identifier: string; name: string }[];
  /** The scopes of the chosen API that it can request. */
  scopes: { name: string; description: string }[];
  /** Undefined if it gets no tokens. */
  connect: ConnectShown | undefined;
  /** How it checks tokens, if it is a resource server. */
  checking: { env: string; curl: string; node: string } | undefined;
  isStrict: boolean;
  mayTry: boolean;
  trial?: TrialShown | undefined;
  problem?: string | undefined;
}

/** How a program connects with a client: code to copy, and a token to try. */
export function adminClientConnect(frame: Frame, props: ClientConnectProps): Html {
  const { client, connect, checking } = props;
  const { clientId, kind } = client;
  const title = client.name ?? clientId;
  const secretNote = html`A secret is shown once, when it is created. <a href="${adminClientPath(clientId)}#secrets">Create another one</a> if you lost it.`;
  return adminPage(frame, {
    section: 'clients',
    trail: [],
    title,
    heading: html`<bdi>${title}</bdi> ${client.disabledAt && disabledBadge}`,
    lead: client.kindInWords,
    problem: props.problem,
    tabs: adminClientTabs(clientId, '/connect'),
    body: html`${client.disabledAt && warning(html`<p><strong>This client is disabled.</strong> The code below works after it is enabled again.</p>`)}
    ${
      connect &&
      kind &&
      connectSteps(frame, {
        ...props,
        connect,
        kind,
        path: adminClientPath(clientId, '/connect'),
        isDisabled: client.disabledAt !== null,
        secretNote,
        trialNote: 'The audit says that you got it.',
      })
    }
    ${
      checking &&
      html`${
        !connect &&
        step(
          'settings',
          'Settings of your API',
          html`${codeBlock('.env', checking.env, 'check-env')}<p class="sub">${secretNote}</p>`,
        )
      }${step(
        'check',
        'Check tokens',
        html`<p class="sub">Your API asks whether the token of each request is active, and what it permits. A revoked token is inactive at once.</p>
        ${codeTabs('check', [
          { language: 'curl', content: codeBlock('Terminal', checking.curl, 'check-curl') },
          { language: 'node', content: codeBlock('api.mjs', checking.node, 'check-node') },
        ])}`,
      )}`
    }
    ${
      !connect &&
      !checking &&
      html`<section class="panel"><p class="sub">It can get tokens for no API. Choose one in its settings, or make one the default.</p></section>`
    }`,
  });
}
