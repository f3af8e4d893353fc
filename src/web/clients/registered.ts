import type Router from '@koa/router';
import type { Context } from 'koa';
import {
  type RegisteredClientsProps,
  registeredClientCreated,
  registeredClients as registeredClientsPage,
} from '../../../views/clients/registered.ts';
import type { RegisteredClients, Registrant } from '../../domain/clients/registered-clients.ts';
import type { Form } from '../../http/form.ts';
import type { Person } from '../framework/browser-session.ts';
import { idempotencyOf, newFormKey } from '../framework/form-idempotency.ts';
import { type Refusal, sendAgain, tryForm } from '../framework/forms.ts';
import { noticeOf, withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';

interface Dependencies {
  pages: Pages;
  registeredClients: RegisteredClients;
  /** The identifier of the API that the clients are for. */
  resource: string;
}

const path = '/account/clients';

/** The fields, with the parameters that errors name. */
const fields = { client_name: 'client_name', redirect_uri: 'redirect_uris' };

const registrant = ({ session: { account } }: Person): Registrant => account;

/** `/account/clients`: people with the permission register, change and delete their own clients. */
export function registeredClientPages(
  router: Router,
  { pages, registeredClients, resource }: Dependencies,
): void {
  const show = async (
    ctx: Context,
    person: Person,
    rest: Partial<Pick<RegisteredClientsProps, 'values' | 'editing' | 'problem' | 'problems'>> = {},
    status = 200,
  ) => {
    const clients = await registeredClients.list(registrant(person), resource);
    await pages.show(
      ctx,
      person,
      (frame) => registeredClientsPage(frame, { clients, formKey: newFormKey(), ...rest }),
      { current: 'account', status, notice: ctx.method === 'GET' ? noticeOf(ctx) : undefined },
    );
  };

  const given = ({ client_name: name = '', redirect_uri: redirectUri = '' }: Form) => ({
    name,
    redirectUri: redirectUri.trim(),
    resource,
  });

  const onForm = (
    at: string,
    run: (ctx: Context, person: Person, form: Form) => Promise<void>,
  ): void =>
    void router.post(at, (ctx) =>
      pages.forForm(ctx, { returnTo: () => sendAgain(path), recent: true }, (person, form) =>
        tryForm(
          () => run(ctx, person, form),
          ({ status, general, problems }: Refusal<keyof typeof fields>) =>
            show(
              ctx,
              person,
              { values: form, editing: form['client_id'], problem: general, problems },
              status,
            ),
          fields,
        ),
      ),
    );

  router.get(path, (ctx) =>
    pages.forPerson(ctx, { returnTo: path, recent: true }, (person) => show(ctx, person)),
  );

  onForm(path, async (ctx, person, form) => {
    const { client, secret } = await registeredClients.create(
      registrant(person),
      given(form),
      idempotencyOf(person, form),
    );
    await pages.show(ctx, person, (frame) => registeredClientCreated(frame, { client, secret }), {
      current: 'account',
      copies: true,
    });
  });

  onForm(`${path}/save`, async (ctx, person, form) => {
    const clientId = form['client_id'] ?? '';
    await registeredClients.update(registrant(person), { clientId, ...given(form) });
    seeOther(ctx, withNotice(path, 'client_saved'));
  });

  onForm(`${path}/delete`, async (ctx, person, { client_id: clientId = '' }) => {
    await registeredClients.delete(registrant(person), resource, clientId);
    seeOther(ctx, withNotice(path, 'registered_client_deleted'));
  });
}
