import { html } from 'hono/html';
import {
  type AppShown,
  appPage,
  appPath,
  kindDescriptions,
  kindIcons,
  kindNames,
  type RoleChoice,
  roleOptions,
} from '../components/app.ts';
import { choiceCards, select, textarea } from '../components/controls.ts';
import { field } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppClientNewProps {
  app: AppShown;
  /** Those that whoever looks may give. */
  roles: RoleChoice[];
  /** What was filled in before, or begins as chosen. */
  values?:
    | {
        kind?: string | undefined;
        name?: string | undefined;
        display_name?: string | undefined;
        role?: string | undefined;
        redirect_uris?: string | undefined;
      }
    | undefined;
  problem?: string | undefined;
  field?: 'kind' | 'name' | 'display_name' | 'role' | 'redirect_uris' | undefined;
}

const kinds = ['server', 'website_with_server', 'website', 'native', 'device'] as const;

/** Where a developer makes a client of an app. */
export function appClientNew(frame: Frame, props: AppClientNewProps): Html {
  const { app, roles, values = {} } = props;
  const problemOf = (name: AppClientNewProps['field']) =>
    props.field === name ? props.problem : undefined;
  return appPage(frame, {
    app,
    current: 'overview',
    title: 'Add a client',
    trail: [['Add a client', appPath(app, '/clients/new')]],
    lead: 'A program of yours, with a role that says what it may do.',
    problem: props.field ? undefined : props.problem,
    body: html`<section class="panel" aria-label="The new client">
      ${postForm(
        frame,
        appPath(app, '/clients/new'),
        html`${choiceCards({
          name: 'kind',
          legend: 'What kind of program is it?',
          wide: true,
          value: values.kind,
          problem: problemOf('kind'),
          cards: kinds.map((kind) => ({
            value: kind,
            label: kindNames[kind],
            description: kindDescriptions[kind],
            icon: kindIcons[kind],
          })),
        })}
        <div class="narrow">
        ${field({
          name: 'name',
          label: 'Name',
          value: values.name,
          hint: html`Its id will be <code><bdi>${app.name}:</bdi></code> and this name. Small letters, digits and dashes; it never changes.`,
          problem: problemOf('name'),
          attributes: html`class="mono" autocapitalize="none" spellcheck="false"`,
        })}
        ${field({
          name: 'display_name',
          label: html`Display name <span class="optional">optional</span>`,
          value: values.display_name,
          hint: 'People see it when they allow access. Leave it empty to use the name of your app; a server uses its own.',
          problem: problemOf('display_name'),
          optional: true,
        })}
        ${select({
          name: 'role',
          label: 'Role',
          options: roleOptions(roles),
          value: values.role,
          choose: 'Choose a role',
          hint: html`The least that it needs. <a href="${appPath(app, '/roles')}">What the roles permit</a>`,
          problem: problemOf('role'),
        })}
        ${textarea({
          name: 'redirect_uris',
          label: html`Redirect URIs <span class="optional">for websites and installed apps</span>`,
          value: values.redirect_uris,
          rows: 3,
          optional: true,
          placeholder: 'https://www.example.com/signed-in',
          hint: 'Where people’s browsers come back to, one a line. A website and an installed app need at least one; others have none.',
          problem: problemOf('redirect_uris'),
        })}
        </div>
        <div class="form-end"><button type="submit">Add the client</button><a class="button plain" href="${appPath(app)}">Cancel</a></div>`,
        'wide',
      )}
    </section>`,
  });
}
