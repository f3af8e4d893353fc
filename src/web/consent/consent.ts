import type Router from '@koa/router';
import type { Context } from 'koa';
import {
  type ConsentProps,
  consent,
  consentAnswered,
  consentDenied,
  consentGone,
  consentGranted,
  detailField,
  scopeField,
} from '../../../views/consent/consent.ts';
import { browserDigest } from '../../domain/accounts/known-browsers.ts';
import type {
  ConsentApprover,
  ConsentRequest,
  ConsentRequests,
} from '../../domain/grants/consent/types.ts';
import { plainAddress } from '../../domain/limits/ip-address.ts';
import { startedInThisBrowser } from '../../http/authorization-cookies.ts';
import type { Form } from '../../http/form.ts';
import { userAgentOf } from '../../http/text.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { consentPath, resumePath } from '../../oauth/paths.ts';
import { isOfWebsite } from '../../oauth/redirect.ts';
import type { Person } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { cspSource } from '../framework/csp-source.ts';
import { sentenceOf } from '../framework/errors.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { pageOfMissingProof } from '../framework/proof.ts';
import { signInPath } from '../framework/return-to.ts';

interface Dependencies {
  issuer: string;
  pages: Pages;
  cookies: Cookies;
  consentRequests: ConsentRequests;
  /** Goes on by itself to another page of this server. */
  showLeaving: (ctx: Context, response: { name: string; url: string }) => Promise<void>;
}

/** The sign-in that a request requires. */
interface RequiredSignIn {
  recent: Date | undefined;
  loginHint: string | undefined;
  registers: boolean;
}

const consenter = (
  ctx: Context,
  { session: { account, signedInAt, factorAt, amr } }: Person,
  cookies: Cookies,
): ConsentApprover => ({
  ...account,
  signedInAt,
  factorAt,
  amr,
  browser: {
    userAgent: userAgentOf(ctx),
    ip: plainAddress(ctx.ip) || null,
    id: browserDigest(cookies.get(ctx, 'known')),
  },
});

/** The indexes of the actions that are ticked. */
const chosenDetails = (form: Form, { details }: ConsentRequest): number[] =>
  details.flatMap((_detail, index) => (form[detailField(index)] ? [index] : []));

/** The names of the optional scopes that are not ticked. */
const untickedScopes = (form: Form, { optional }: ConsentRequest): string[] =>
  [...optional.keys()].filter((name) => !form[scopeField(name)]);

/** The page on which a person proves what an open request needs first. */
const missingProof = (
  { session }: Person,
  request: ConsentRequest | undefined,
): string | undefined =>
  request?.state === 'pending'
    ? pageOfMissingProof(
        session,
        { recent: request.needsRecentSignIn, factor: request.factorNeed },
        consentPath(request.uid),
      )
    : undefined;

/** Whether a person has allowed as much before, so there is nothing to decide. */
const isRemembered = ({ state, asks, expectsOther }: ConsentRequest): boolean =>
  state === 'pending' && asks === undefined && !expectsOther;

/**
 * `/consent/{uid}`: a person allows or denies the request of an app (RFC 6749 §4.1.1). One address shows every state of
 * a request, so going back, reloading and a second tab all show the current one.
 */
export function consentPages(
  router: Router,
  { issuer, pages, cookies, consentRequests, showLeaving }: Dependencies,
): void {
  const gone = async (ctx: Context) =>
    pages.show(ctx, await pages.browserSession(ctx), (frame) => consentGone(frame, {}), {
      status: 410,
    });

  /** Runs only for a request that began in this browser, with the sign-in that it requires. */
  const asked = async (
    ctx: Context,
    run: (uid: string, required: RequiredSignIn) => Promise<void>,
  ): Promise<void> => {
    const uid = String(ctx['params'].uid);
    const expected = startedInThisBrowser(ctx, issuer, uid)
      ? await consentRequests.signInRequirements(uid)
      : undefined;
    return expected
      ? run(uid, {
          recent: expected.signInAfter,
          loginHint: expected.loginHint,
          registers: expected.registers,
        })
      : gone(ctx);
  };

  const ask = (
    ctx: Context,
    person: Person,
    request: ConsentRequest,
    { problem, status = 200 }: { problem?: ConsentProps['problem']; status?: number } = {},
  ) =>
    pages.show(
      ctx,
      person,
      (frame) =>
        consent(frame, {
          request,
          switchHref: signInPath(consentPath(request.uid), false, { switches: true }),
          ...(problem && { problem }),
        }),
      {
        status,
        formAction: isOfWebsite(request.redirectUri) ? undefined : cspSource(request.redirectUri),
      },
    );

  /** Shows the request in its current state. */
  const show = (
    ctx: Context,
    person: Person,
    request: ConsentRequest | undefined,
    refused?: OAuthError,
  ): Promise<void> => {
    if (!request || request.state === 'expired') return gone(ctx);
    const { state, clientName, answeredBy } = request;
    if (state === 'pending')
      return ask(
        ctx,
        person,
        request,
        refused && { problem: sentenceOf(refused, pages.messages(ctx)), status: refused.status },
      );
    return pages.show(ctx, person, (frame) => {
      if (answeredBy !== person.session.account.id) return consentAnswered(frame, { clientName });
      return state === 'approved'
        ? consentGranted(frame, { clientName })
        : consentDenied(frame, { clientName });
    });
  };

  router.get('/consent/:uid', (ctx) =>
    asked(ctx, (uid, expected) =>
      pages.forPerson(ctx, { returnTo: consentPath(uid), ...expected }, async (person) => {
        const account = consenter(ctx, person, cookies);
        const request = await consentRequests.find(uid, account);
        const missing = missingProof(person, request);
        if (missing) return seeOther(ctx, missing);
        if (request && isRemembered(request)) {
          const answered = await consentRequests.approveRemembered(uid, account);
          if (answered?.state !== 'approved' || !answered.mayResumeAgain)
            return show(ctx, person, answered);
          // A website gets such a page once the request is resumed.
          return isOfWebsite(answered.redirectUri)
            ? seeOther(ctx, resumePath(uid))
            : showLeaving(ctx, { name: answered.clientName, url: resumePath(uid) });
        }
        await show(ctx, person, request);
      }),
    ),
  );

  router.post('/consent/:uid', (ctx) =>
    asked(ctx, (uid, { recent }) =>
      pages.forForm(ctx, { returnTo: () => consentPath(uid), recent }, async (person, form) => {
        const account = consenter(ctx, person, cookies);
        const { decision } = form;
        if (decision !== 'allow' && decision !== 'deny') return seeOther(ctx, consentPath(uid));
        try {
          const before = await consentRequests.find(uid, account);
          if (!before) return seeOther(ctx, consentPath(uid));
          const details = chosenDetails(form, before);
          // Nothing ticked means nothing allowed.
          const allows =
            decision === 'allow' && (before.details.length === 0 || details.length > 0);
          const unticked = untickedScopes(form, before);
          const missing = allows ? missingProof(person, before) : undefined;
          if (missing) return seeOther(ctx, missing);
          const request = await (allows
            ? consentRequests.approve(uid, account, { details, unticked })
            : consentRequests.deny(uid, account));
          const wanted = allows ? 'approved' : 'denied';
          const isTheirs = request?.state === wanted && request.answeredBy === account.id;
          if (!isTheirs || !request.mayResumeAgain) return seeOther(ctx, consentPath(uid));
          seeOther(ctx, resumePath(uid));
        } catch (error) {
          if (!(error instanceof OAuthError) || error.status >= 500) throw error;
          await show(ctx, person, await consentRequests.find(uid, account), error);
        }
      }),
    ),
  );
}
