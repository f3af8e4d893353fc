import { html } from 'hono/html';
import { type AppShown, appPath, appSubpage, type RoleShown } from '../components/app.ts';
import { choiceCards, textarea } from '../components/controls.ts';
import { dangerous, dangerPanel } from '../components/danger.ts';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { permissionSyntax } from '../components/permissions.ts';
import type { Frame, Html } from '../layout/frame.ts';

type RoleField = 'name' | 'description' | 'permissions' | 'manages';

export interface AppRoleEditProps {
  app: AppShown;
  /** The role to change; without it the form creates one. */
  role?: RoleShown | undefined;
  /** `permissions` has one per line. */
  values?: Partial<Record<RoleField, string | undefined>> | undefined;
  problems?: Problems<RoleField> | undefined;
  /** What is wrong with the form as a whole. */
  problem?: string | undefined;
}

/** The form that creates or changes a role of an app. */
export function appRoleEdit(frame: Frame, props: AppRoleEditProps): Html {
  const { app, role, problems, problem } = props;
  const title = role ? `Role ${role.name}` : 'Create a role';
  const values = {
    description: role?.description,
    permissions: role?.permissions.join('\n'),
    manages: role?.manages ?? 'nothing',
    ...props.values,
  };
  const of = fieldsOf<RoleField>({
    order: role
      ? ['description', 'permissions', 'manages']
      : ['name', 'description', 'permissions', 'manages'],
    values,
    problems,
  });
  return appSubpage(frame, {
    app,
    trail: [['Roles', appPath(app, '/roles')]],
    title,
    heading: role ? html`<bdi>${role.name}</bdi>` : undefined,
    lead: role ? 'A change applies at once, also to tokens that were already issued.' : undefined,
    problem,
    problems,
    body: html`<section class="panel" aria-label="${title}">
      ${postForm(
        frame,
        appPath(app, '/roles/edit'),
        html`${
          role
            ? html`<input type="hidden" name="existing" value="${role.name}"><input type="hidden" name="name" value="${role.name}">`
            : field({
                ...of('name'),
                label: 'Name',
                hint: 'Such as Publisher. It cannot be changed later.',
                maxLength: 100,
              })
        }
        ${field({
          ...of('description'),
          label: html`Description <span class="optional">optional</span>`,
          optional: true,
        })}
        ${textarea({
          ...of('permissions'),
          label: 'Permissions, one per line',
          rows: Math.min(12, Math.max(5, (role?.permissions.length ?? 0) + 1)),
          placeholder: 'things.read\nthings.write',
          optional: true,
        })}
        ${permissionSyntax}
        ${choiceCards({
          ...of('manages'),
          legend: 'What members with this role can change in this app',
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
                'They create, change and delete clients and their secrets, up to their own permissions.',
            },
          ],
        })}
        <div class="form-end"><button type="submit">${role ? 'Save' : 'Create the role'}</button><a class="button plain" href="${appPath(app, '/roles')}">Cancel</a></div>`,
        { noValidate: true },
      )}
    </section>
    ${
      role &&
      dangerPanel(
        'delete',
        'Delete the role',
        dangerous(
          html`Delete <bdi>${role.name}</bdi>…`,
          html`<p>First give its clients, members and invitations another role.</p>
          ${postForm(frame, appPath(app, '/roles/delete'), html`<input type="hidden" name="name" value="${role.name}"><button type="submit" class="danger">Delete <bdi>${role.name}</bdi></button>`)}`,
        ),
      )
    }`,
  });
}
