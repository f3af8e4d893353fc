import { html } from 'hono/html';
import { type AppShown, type ClientShown, clientPage, clientPath } from '../components/app.ts';
import { codeBlock } from '../components/code-block.ts';
import type { ConnectShown, ExampleShown } from '../components/connect.ts';
import { connectSteps, step, type TrialShown } from '../components/connect-steps.ts';
import { infoIcon } from '../components/icons.ts';
import { warning } from '../components/notice.ts';
import { support } from '../components/support.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppConnectProps {
  app: AppShown;
  client: ClientShown & { redirectUris: string[] };
  /** Every API that is open to apps; `?resource=` chooses one. */
  resources: { identifier: string; name: string }[];
  /** The scopes of the chosen API. */
  scopes: { name: string; description: string }[];
  /** Undefined if no API is open to apps. */
  connect: ConnectShown | undefined;
  /** Whether the client must do more than the programs of the page do. */
  isStrict: boolean;
  /** Whether the viewer can get a token of the client here. */
  mayTry: boolean;
  trial?: TrialShown | undefined;
  /** Calls of the example API, if it is the chosen one. */
  example?: ExampleShown | undefined;
  /** Why there is no token. */
  problem?: string | undefined;
}

/** How a program connects with a client: code to copy, and a token to try. */
export function appConnect(frame: Frame, props: AppConnectProps): Html {
  const { app, client, connect } = props;
  return clientPage(frame, {
    app,
    client,
    current: 'connect',
    problem: props.problem,
    body: html`${client.disabledAt && warning(html`<p><strong>This client is disabled.</strong> The code below works after it is enabled again.</p>`)}
    ${
      connect
        ? connectSteps(frame, {
            ...props,
            connect,
            path: clientPath(app, client, '/connect'),
            kind: client.kind,
            isDisabled: client.disabledAt !== null,
            secretNote: html`The secret was shown once, when it was created. If you lost it, <a href="${clientPath(app, client)}#secrets">create a new one</a>.`,
            trialNote: 'It appears in the activity of the app.',
            example: example(props, props.trial ? undefined : connect.snippets.shell),
          })
        : closed(frame)
    }`,
  });
}

function closed(frame: Frame): Html {
  return html`<section class="panel empty" aria-labelledby="closed">
    <div class="glyph">${infoIcon}</div>
    <h2 id="closed">No API is open to apps yet</h2>
    <p>Clients of apps get tokens only for APIs that an administrator has opened to apps. Ask ${support(frame)}.</p>
  </section>`;
}

/** Calls of the example API. `shell` gets the token for them if they do not contain one. */
function example({ example, client, trial }: AppConnectProps, shell?: string): Html | '' {
  if (!example) return '';
  return step(
    'example',
    'Call the API',
    html`<p class="sub">This server has an example API, which checks the permissions of each token. ${!trial && html`<code>$TOKEN</code> is the access token. `}This client has the role <bdi>${client.role}</bdi>${!example.write && ', which allows it to read things but not to write them'}.</p>
    ${shell && codeBlock('Terminal: keep a token', shell, 'shell')}
    ${codeBlock('Terminal: read', example.read, 'read')}
    ${example.write && codeBlock('Terminal: write', example.write, 'write')}`,
  );
}
