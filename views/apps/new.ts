import { html } from 'hono/html';
import { field } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

export interface AppNewProps {
  /** What was filled in before. */
  values?: { display_name?: string | undefined; name?: string | undefined } | undefined;
  problem?: string | undefined;
  /** The field that the problem is about. */
  field?: 'display_name' | 'name' | undefined;
}

/** Where a person makes an app. */
export function appNew(frame: Frame, props: AppNewProps): Html {
  const problemOf = (name: AppNewProps['field']) =>
    props.field === name ? props.problem : undefined;
  return accountPage(frame, {
    title: 'Make an app',
    lead: 'It begins with one client, a server, whose id and secret you see next.',
    problem: props.field ? undefined : props.problem,
    body: html`<section class="panel" aria-label="The new app">
      ${postForm(
        frame,
        '/apps/new',
        html`${field({
          name: 'display_name',
          label: 'Display name',
          value: props.values?.display_name,
          hint: 'Such as Acme Shop. You can change it at any time.',
          problem: problemOf('display_name'),
          autofocus: props.field !== 'name',
        })}
        ${field({
          name: 'name',
          label: html`Name <span class="optional">optional</span>`,
          value: props.values?.name,
          hint: html`The ids of its clients begin with it: <code>acme</code> gives <code>acme:default</code>. Small letters, digits and dashes. It is made of the name above if you leave it out, and never changes.`,
          problem: problemOf('name'),
          optional: true,
          autofocus: props.field === 'name',
          attributes: html`class="mono" autocapitalize="none" spellcheck="false"`,
        })}
        <div class="form-end"><button type="submit">Make the app</button><a class="button plain" href="/apps">Cancel</a></div>`,
      )}
    </section>`,
  });
}
