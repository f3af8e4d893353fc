import { html } from 'hono/html';
import { type AppShown, appPage, appPath, type RoleShown } from '../components/app.ts';
import { choiceCards, textarea } from '../components/controls.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { field } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import type { Frame, Html } from '../layout/frame.ts';

export interface AppRoleEditProps {
  app: AppShown;
  /** The one that is changed; without it one is made. */
  role?: RoleShown | undefined;
  /** What was filled in before. */
  values?:
    | {
        name?: string | undefined;
        description?: string | undefined;
        /** One a line. */
        permissions?: string | undefined;
        manages?: string | undefined;
      }
    | undefined;
  problem?: string | undefined;
  field?: 'name' | 'description' | 'permissions' | 'manages' | undefined;
}

/** Where the Owner makes or changes a role of an app. */
export function appRoleEdit(frame: Frame, props: AppRoleEditProps): Html {
  const { app, role, values = {} } = props;
  const problemOf = (name: AppRoleEditProps['field']) =>
    props.field === name ? props.problem : undefined;
  const title = role ? `Role ${role.name}` : 'Make a role';
  const here = appPath(app, `/roles/edit${role ? `?name=${encodeURIComponent(role.name)}` : ''}`);
  return appPage(frame, {
    app,
    current: 'roles',
    title,
    heading: role ? html`<bdi>${role.name}</bdi>` : undefined,
    lead: role ? 'A change holds at once, for tokens that are out already too.' : undefined,
    trail: [[role?.name ?? 'Make a role', here]],
    problem: props.field ? undefined : props.problem,
    body: html`<section class="panel" aria-label="${title}">
      ${postForm(
        frame,
        appPath(app, '/roles/edit'),
        html`${
          role
            ? html`<input type="hidden" name="existing" value="${role.name}"><input type="hidden" name="name" value="${role.name}">`
            : field({
                name: 'name',
                label: 'Name',
                value: values.name,
                hint: 'Such as Publisher. It never changes.',
                problem: problemOf('name'),
                maxLength: 100,
              })
        }
        ${field({
          name: 'description',
          label: html`Description <span class="optional">optional</span>`,
          value: values.description ?? role?.description,
          problem: problemOf('description'),
          optional: true,
        })}
        ${textarea({
          name: 'permissions',
          label: 'Permissions, one a line',
          value: values.permissions ?? role?.permissions.join('\n'),
          rows: Math.min(12, Math.max(5, (role?.permissions.length ?? 0) + 1)),
          placeholder: 'things.read\nthings.write',
          problem: problemOf('permissions'),
          optional: true,
        })}
        ${howTo}
        ${choiceCards({
          name: 'manages',
          legend: 'Members who have it can change here',
          value: values.manages ?? role?.manages ?? 'nothing',
          problem: problemOf('manages'),
          cards: [
            {
              value: 'nothing',
              label: 'Nothing',
              description: 'They see the app, without its secrets.',
            },
            {
              value: 'clients',
              label: 'Clients',
              description:
                'They add, change and delete clients and their secrets, up to what they may do themselves.',
            },
          ],
        })}
        <div class="form-end"><button type="submit">${role ? 'Save' : 'Make the role'}</button><a class="button plain" href="${appPath(app, '/roles')}">Cancel</a></div>`,
      )}
    </section>
    ${
      role &&
      dangerPanel(
        'ends',
        'Delete the role',
        dangerous(
          html`Delete <bdi>${role.name}</bdi>…`,
          html`<p>Clients, members and invitations that have it must get another first.</p>
          ${postForm(frame, appPath(app, '/roles/delete'), html`<input type="hidden" name="name" value="${role.name}"><button type="submit" class="danger">Delete <bdi>${role.name}</bdi></button>`)}`,
        ),
      )
    }`,
  });
}

const howTo = html`<details class="help"><summary>How permissions are written</summary>
  <dl class="syntax">
    <div><dt><code>things.read</code></dt><dd>this one</dd></div>
    <div><dt><code>things</code></dt><dd>everything beneath it: <code>things.read</code>, <code>things.write</code></dd></div>
    <div><dt><code>*.read</code></dt><dd>any one part in its place</dd></div>
    <div><dt><code>things.read|write</code></dt><dd>one of these</dd></div>
    <div><dt><code>things.^delete</code></dt><dd>anything but this</dd></div>
    <div><dt><code>*</code></dt><dd>everything</dd></div>
  </dl>
</details>`;
