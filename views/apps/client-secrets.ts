import { html } from 'hono/html';
import { type AppShown, type ClientShown, clientPath } from '../components/app.ts';
import { dangerous } from '../components/danger.ts';
import { postForm } from '../components/form.ts';
import { information } from '../components/notice.ts';
import { type SecretShown, secretAdvice, secretList } from '../components/secrets.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface ClientSecretsProps {
  app: AppShown;
  client: ClientShown;
  /** Newest first. */
  secrets: SecretShown[];
  /** Whether the viewer can create and revoke secrets. */
  mayManage: boolean;
  /** Whether the client is below its maximum. */
  mayAddSecret: boolean;
}

/** The secrets of a client, without their values. */
export function clientSecrets(frame: Frame, props: ClientSecretsProps): Html {
  const { app, client, secrets, mayManage, mayAddSecret } = props;
  const advice = mayManage ? secretAdvice(secrets, frame.now) : undefined;
  return html`<section class="panel" aria-labelledby="secrets">
    <h2 id="secrets">Secrets</h2>
    <p class="sub">To change the secret, create a new one, give it to your program, then revoke the old one. Both work in the meantime.</p>
    ${advice && information(html`<p>${advice}</p>`)}
    ${secretList(secrets, frame.now, (secret, name) =>
      mayManage
        ? dangerous(
            html`Revoke…<span class="visually-hidden"> ${name}</span>`,
            html`<p>A program that still uses it can no longer get tokens. The tokens that it has keep working, unless you revoke them too.</p>
            ${postForm(
              frame,
              clientPath(app, client, '/secrets/delete'),
              html`<input type="hidden" name="secret_id" value="${secret.id}">
              <div class="checks"><label><input type="checkbox" name="end_tokens"><span>Other people may have it: revoke the tokens of this client too</span></label></div>
              <button type="submit" class="danger">Revoke ${name}</button>`,
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
            html`<button type="submit" class="plain">Create a secret</button>`,
          )
        : html`<p class="sub">A client has at most two secrets. Revoke one to create another.</p>`)
    }
  </section>`;
}
