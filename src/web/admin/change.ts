import type { Context } from 'koa';
import type { ApiScope } from '../../../config/scopes.ts';
import type { Problems } from '../../../views/components/field.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { tryForm } from '../framework/forms.ts';
import { type NoticeName, withNotice } from '../framework/notices.ts';
import { seeOther } from '../framework/page-renderer.ts';
import type { Call, Console } from './console.ts';

type FormCall = Call & { form: Record<string, string> };

/** A page that is shown again, with why its form was refused. */
export interface ShownAgain<Field extends string> {
  /** What was entered, for forms that keep it. */
  values?: Record<string, string>;
  problems: Problems<Field>;
  problem: string | undefined;
}

/**
 * Declares forms of one page that each change one thing: `(name, done, run)`. `run` returns false if what it should change is gone.
 * Afterwards the browser goes to the page `next`, which shows the notice `done`; a refused form shows its page again.
 */
export const changesOf =
  <Field extends string>(
    { form }: Pick<Console, 'form'>,
    {
      at,
      needs,
      back,
      again,
      fields,
    }: {
      /** The path of the page. */
      at: string;
      needs: ApiScope;
      back: (ctx: Context) => string;
      again: (call: Call, refused: ShownAgain<Field>, status: number) => Promise<void>;
      /** As for `tryForm`. */
      fields?: Partial<Record<Field, string>>;
    },
  ) =>
  (
    name: string,
    done: NoticeName,
    run: (call: FormCall) => Promise<unknown>,
    { next = back, keeps = false }: { next?: (ctx: Context) => string; keeps?: boolean } = {},
  ): void =>
    form(`${at}/${name}`, needs, { back }, (call) =>
      tryForm<Field>(
        async () => {
          if ((await run(call)) === false) throw new OAuthError('not_found', 'It is gone.');
          seeOther(call.ctx, withNotice(next(call.ctx), done));
        },
        ({ problems, general, status }) =>
          again(call, { ...(keeps && { values: call.form }), problems, problem: general }, status),
        fields,
      ),
    );
