/**
 * `/docs`: the API reference, one page for each noun, generated from the OpenAPI document. Anyone can read it. A person
 * who is signed in can try calls with a token that `POST /docs/token` issues: it reads only, expires within minutes,
 * and stays in the memory of the page, never in a URL, a cookie or storage of the browser.
 */
import type Router from '@koa/router';
import type { Context } from 'koa';
import { groupPage, overviewPage } from '../../../views/api-reference/pages.ts';
import type { Reference, ReferenceGroup } from '../../../views/api-reference/props.ts';
import type { IssueApiTrialToken } from '../../domain/tokens/api-trial-token.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { openApiPath } from '../../oauth/paths.ts';
import type { Pages } from '../framework/page-guards.ts';
import { signInPath } from '../framework/return-to.ts';
import type { ApiDocument } from './open-api.ts';
import { createReference, referencePath } from './reference.ts';

interface Dependencies {
  pages: Pages;
  /** The OpenAPI document of `/api/v1`. */
  readDocument: () => Promise<unknown>;
  issueApiTrialToken: IssueApiTrialToken;
}

export function apiReferencePages(
  router: Router,
  { pages, readDocument, issueApiTrialToken }: Dependencies,
): void {
  let reference: Reference | undefined;
  const readReference = async (): Promise<Reference> => {
    reference ??= createReference((await readDocument()) as ApiDocument);
    return reference;
  };

  const show = async (ctx: Context, group?: (reference: Reference) => ReferenceGroup) => {
    const visitor = await pages.browserSession(ctx);
    const shared = await readReference();
    const shown = group?.(shared);
    const props = {
      reference: shared,
      documentPath: openApiPath,
      signInPath: signInPath(ctx.path),
      signInAgainPath: signInPath(ctx.path, true),
    };
    await pages.show(
      ctx,
      visitor,
      (frame) =>
        shown ? groupPage(frame, { ...props, group: shown }) : overviewPage(frame, props),
      { copies: true, calls: true },
    );
  };

  router.get(referencePath, (ctx) => show(ctx));

  router.get(`${referencePath}/:group`, (ctx) =>
    show(ctx, ({ groups }) => {
      const found = groups.find(({ href }) => href === `${referencePath}/${ctx.params['group']}`);
      if (!found) throw new OAuthError('not_found', 'The API reference has no such page.');
      return found;
    }),
  );

  router.post(`${referencePath}/token`, (ctx) =>
    pages.forForm(ctx, { returnTo: () => referencePath, recent: true }, async ({ session }) => {
      const { value, scopes, expiresIn } = await issueApiTrialToken(session.account.id);
      ctx.set('Cache-Control', 'no-store');
      ctx.body = {
        access_token: value,
        token_type: 'Bearer',
        expires_in: expiresIn,
        scope: scopes.join(' '),
      };
    }),
  );
}
