import { html } from 'hono/html';
import { crumbs } from '../components/crumbs.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { information } from '../components/notice.ts';
import { support } from '../components/support.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage } from '../layout/layout.ts';

type NewAppField = 'display_name' | 'name';

export interface AppNewProps {
  /** Whether an API gives tokens to clients of apps; if not, the page says what is missing. */
  hasOpenApi: boolean;
  values?: Partial<Record<NewAppField, string | undefined>> | undefined;
  problems?: Problems<NewAppField> | undefined;
  /** What is wrong with the form as a whole. */
  problem?: string | undefined;
}

/** The form that creates an app. */
export function appNew(frame: Frame, props: AppNewProps): Html {
  const of = fieldsOf<NewAppField>({
    order: ['display_name', 'name'],
    values: props.values,
    problems: props.problems,
  });
  return accountPage(frame, {
    title: 'Create an app',
    lead: 'It starts with one server client. Its ID and secret are shown on the next page.',
    crumbs: crumbs([['Apps', '/apps']]),
    problem: props.problem,
    problems: props.problems,
    body: html`${
      !props.hasOpenApi &&
      information(
        html`<p><strong>No API is open to apps yet.</strong> You can create the app now, but its clients get tokens only after an administrator opens an API to apps. Ask ${support(frame)}.</p>`,
      )
    }
    <section class="panel" aria-label="The new app">
      ${postForm(
        frame,
        '/apps/new',
        html`${field({
          ...of('display_name'),
          label: 'Display name',
          hint: 'Such as Acme Shop. You can change it later.',
        })}
        ${field({
          ...of('name'),
          label: html`Name <span class="optional">optional</span>`,
          hint: html`The beginning of its client IDs: <code>acme</code> gives <code>acme:default</code>. Lowercase letters, digits and hyphens. Default: the display name in this form. It cannot be changed later.`,
          optional: true,
          attributes: html`class="mono" autocapitalize="none" spellcheck="false"`,
        })}
        <div class="form-end"><button type="submit">Create the app</button><a class="button plain" href="/apps">Cancel</a></div>`,
        { noValidate: true },
      )}
    </section>`,
  });
}
