import { html } from 'hono/html';
import {
  type AppShown,
  appPath,
  appSubpage,
  type ClientKind,
  kindDescriptions,
  kindIcons,
  kindNames,
  type RoleChoice,
  roleOptions,
} from '../components/app.ts';
import { choiceCards, select, textarea } from '../components/controls.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { purposeField } from './client-agent.ts';

type NewClientField = 'kind' | 'name' | 'display_name' | 'role' | 'redirect_uris' | 'purpose';

export interface AppClientNewProps {
  app: AppShown;
  /** The roles that the viewer can give. */
  roles: RoleChoice[];
  values?: Partial<Record<NewClientField, string | undefined>> | undefined;
  problems?: Problems<NewClientField> | undefined;
  /** What is wrong with the form as a whole. */
  problem?: string | undefined;
}

const kinds = Object.keys(kindNames) as ClientKind[];

/** The form that adds a client to an app. */
export function appClientNew(frame: Frame, props: AppClientNewProps): Html {
  const { app, roles, values, problems } = props;
  const of = fieldsOf<NewClientField>({
    order: ['kind', 'name', 'purpose', 'display_name', 'role', 'redirect_uris'],
    values,
    problems,
    focusFirst: false,
  });
  return appSubpage(frame, {
    app,
    title: 'Add a client',
    lead: 'A client is one program of yours. Its role says what it can do.',
    problem: props.problem,
    problems,
    body: html`<section class="panel" aria-label="The new client">
      ${postForm(
        frame,
        appPath(app, '/clients/new'),
        html`${choiceCards({
          ...of('kind'),
          legend: 'What kind of program is it?',
          wide: true,
          cards: kinds.map((kind) => ({
            value: kind,
            label: kindNames[kind],
            description: kindDescriptions[kind],
            icon: kindIcons[kind],
          })),
        })}
        <div class="narrow">
        ${field({
          ...of('name'),
          label: 'Name',
          hint: html`Its client ID is <code><bdi>${app.name}:</bdi></code> and this name. Lowercase letters, digits and hyphens. It cannot be changed later.`,
          attributes: html`class="mono" autocapitalize="none" spellcheck="false"`,
        })}
        <div class="for-agents">${purposeField(() => ({ ...of('purpose'), optional: true }))}</div>
        ${field({
          ...of('display_name'),
          label: html`Display name <span class="optional">optional</span>`,
          hint: 'People see it when they sign in. Default: the name of your app; for a server, its own name.',
          optional: true,
        })}
        ${select({
          ...of('role'),
          label: 'Role',
          options: roleOptions(roles),
          choose: 'Choose a role',
          hint: html`Choose the least that it needs. <a href="${appPath(app, '/roles')}">What each role allows</a>`,
        })}
        <div class="for-redirects">${textarea({
          ...of('redirect_uris'),
          label: 'Redirect URIs, one per line',
          rows: 3,
          optional: true,
          placeholder: 'https://www.example.com/callback',
          hint: 'Where the browser returns after a sign-in. Websites need https. To develop a website on your own machine, use the kind “Phone or desktop app”, which can have http://localhost.',
        })}</div>
        </div>
        <div class="form-end"><button type="submit">Add the client</button><a class="button plain" href="${appPath(app)}">Cancel</a></div>`,
        { className: 'wide', noValidate: true },
      )}
    </section>`,
  });
}
