import type Router from '@koa/router';
import type { Context } from 'koa';
import { personalTokenTtl } from '../../../config/tokens.ts';
import { accountTokenCreated } from '../../../views/tokens/created.ts';
import { type AccountTokenNewProps, accountTokenNew } from '../../../views/tokens/new.ts';
import { queryValue } from '../../http/form.ts';
import type { Person } from '../framework/browser-session.ts';
import { idempotencyOf, newFormKey } from '../framework/form-idempotency.ts';
import { sendAgain } from '../framework/forms.ts';
import { noticeOf } from '../framework/notices.ts';
import { tokensPath } from './list.ts';
import { expiryOf, tryTokenForm } from './named-token-form.ts';
import { tokenShown } from './named-token-view.ts';
import { detailsIn, scopesIn } from './scope-fields.ts';
import type { TokenDependencies } from './types.ts';

const newPath = `${tokensPath}/new`;

/** The path of the form, for an API if one was chosen. */
const newPathFor = (resource: string | undefined): string =>
  resource ? `${newPath}?resource=${encodeURIComponent(resource)}` : newPath;

/** `/account/tokens/new`: creates a personal access token, and shows its value. */
export function newTokenPages(
  router: Router,
  { pages, personalTokens, hiddenResources }: TokenDependencies,
): void {
  const show = async (
    ctx: Context,
    person: Person,
    resource: string | undefined,
    rest: Partial<Pick<AccountTokenNewProps, 'values' | 'problems' | 'problem'>> = {},
    status = 200,
  ) => {
    const choices = (await personalTokens.choices(person.session.account.id)).filter(
      ({ identifier }) => identifier === resource || !hiddenResources.includes(identifier),
    );
    const only = choices.length === 1 ? choices[0] : undefined;
    const choice = choices.find(({ identifier }) => identifier === resource) ?? only;
    const props: AccountTokenNewProps = {
      choices,
      choice,
      idempotencyKey: newFormKey(),
      ttls: personalTokenTtl.choices,
      values: { expiry: String(personalTokenTtl.default) },
      ...rest,
      ...problemsShown(rest, choice),
    };
    await pages.show(ctx, person, (frame) => accountTokenNew(frame, props), {
      current: 'tokens',
      status,
      notice: ctx.method === 'GET' ? noticeOf(ctx) : undefined,
    });
  };

  router.get(newPath, (ctx) => {
    const resource = queryValue(ctx, 'resource') ?? undefined;
    return pages.forPerson(ctx, { returnTo: newPathFor(resource), recent: true }, (person) =>
      show(ctx, person, resource),
    );
  });

  router.post(tokensPath, (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: ({ resource }) => sendAgain(newPathFor(resource)), recent: true },
      async (person, form) => {
        const { id } = person.session.account;
        const { resource = '' } = form;
        await tryTokenForm(
          form,
          async () => {
            const choices = await personalTokens.choices(id);
            const { token, value } = await personalTokens.create(
              id,
              {
                name: form['name'] ?? '',
                resource,
                scope: scopesIn(form),
                authorizationDetails: detailsIn(form),
                expiresAt: expiryOf(form) ?? null,
              },
              idempotencyOf(person, form),
            );
            const shown = tokenShown(token, choices);
            await pages.show(
              ctx,
              person,
              (frame) => accountTokenCreated(frame, { token: shown, value }),
              { current: 'tokens', copies: true },
            );
          },
          (state, status) => show(ctx, person, resource, { ...state, values: form }, status),
        );
      },
    ),
  );
}

/** The problems at the fields that the form has; those of other fields are about the form as a whole. */
function problemsShown(
  { problems = {}, problem }: Pick<AccountTokenNewProps, 'problems' | 'problem'>,
  choice: AccountTokenNewProps['choice'],
): Pick<AccountTokenNewProps, 'problems' | 'problem'> {
  const hidden = choice
    ? ([
        ...(choice.scopes.length > 0 ? [] : ['scope']),
        ...(choice.detailsTypes.length > 0 ? [] : ['details']),
      ] as ('scope' | 'details')[])
    : (Object.keys(problems) as (keyof typeof problems)[]);
  const whole = [problem, ...hidden.map((name) => problems[name])].filter(Boolean);
  return {
    problems: Object.fromEntries(
      Object.entries(problems).filter(([name]) => !(hidden as string[]).includes(name)),
    ),
    problem: whole.length > 0 ? whole.join(' ') : undefined,
  };
}
