import type Router from '@koa/router';
import type { Context } from 'koa';
import { type DeviceConfirmProps, deviceConfirm } from '../../../views/device/confirm.ts';
import { deviceEnter, exampleCode } from '../../../views/device/enter.ts';
import {
  deviceAnswered,
  deviceApproved,
  deviceDenied,
  deviceExpired,
} from '../../../views/device/outcome.ts';
import type { Messages } from '../../../views/messages/index.ts';
import type { DeviceRequest, DeviceRequests } from '../../domain/grants/device/types.ts';
import { formatUserCode, parseUserCode } from '../../domain/grants/device/user-code.ts';
import type { Approver } from '../../domain/grants/types.ts';
import { plainAddress } from '../../domain/limits/ip-address.ts';
import { LimitReached } from '../../domain/limits/rate-limits.ts';
import { queryValue } from '../../http/form.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { urlOf } from '../../oauth/issuer.ts';
import type { Person } from '../framework/browser-session.ts';
import { sentenceOf } from '../framework/errors.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { pageOfMissingProof } from '../framework/proof.ts';
import { qrCode } from '../framework/qr.ts';
import { waitingTime } from '../framework/waiting-time.ts';
import type { CodeGuesses } from './code-guesses.ts';

interface Dependencies {
  issuer: string;
  pages: Pages;
  deviceRequests: DeviceRequests;
  guesses: CodeGuesses;
}

/** The code as devices show it; undefined if the text cannot be a code. */
function shownCode(typed: string | null | undefined): string | undefined {
  const code = parseUserCode(typed ?? '');
  return code && formatUserCode(code);
}

const approver = ({ session: { account, signedInAt, factorAt, amr } }: Person): Approver => ({
  ...account,
  signedInAt,
  factorAt,
  amr,
});

/** What is wrong with a text that cannot be a code. */
function wrongCode(typed: string, { device: said }: Messages): string {
  if (typed.trim() === '') return said.noCode;
  return /\d/.test(typed) ? said.onlyLetters : said.eightLetters(exampleCode);
}

const pathOf = (userCode: string | undefined): string =>
  userCode ? `/device?user_code=${userCode}` : '/device';

/**
 * `/device`: a person approves or denies a device (RFC 8628 §3.3). One address shows every state of a code, so going
 * back, reloading and a second tab all show the current one.
 */
export function devicePages(
  router: Router,
  { issuer, pages, deviceRequests, guesses }: Dependencies,
): void {
  const enter = (
    ctx: Context,
    person: Person,
    props: { userCode?: string; problem?: string } = {},
    status = 200,
  ) => pages.show(ctx, person, (frame) => deviceEnter(frame, props), { status });

  /** Looks a code up; a code that does not exist counts as a guess. */
  const guarded = async (
    ctx: Context,
    person: Person,
    userCode: string,
    look: () => Promise<DeviceRequest | undefined>,
    found: (request: DeviceRequest) => unknown,
  ): Promise<void> => {
    try {
      const request = await guesses.guard(person.session, look);
      if (request) await found(request);
      else
        await enter(
          ctx,
          person,
          {
            userCode,
            problem: pages.messages(ctx).device.unknownCode,
          },
          404,
        );
    } catch (error) {
      if (!(error instanceof LimitReached)) throw error;
      ctx.set('Retry-After', String(error.retryAfter));
      const messages = pages.messages(ctx);
      const wait = waitingTime(error.retryAfter, messages);
      await enter(ctx, person, { problem: messages.device.tooManyCodes(wait) }, 429);
    }
  };

  const confirm = (
    ctx: Context,
    person: Person,
    request: DeviceRequest,
    { problem, status = 200 }: { problem?: DeviceConfirmProps['problem']; status?: number } = {},
  ) =>
    pages.show(
      ctx,
      person,
      (frame) =>
        deviceConfirm(frame, {
          request,
          sameAddress: request.device.ip === plainAddress(ctx.ip),
          ...(problem && { problem }),
        }),
      { status },
    );

  const showRequest = async (ctx: Context, person: Person, request: DeviceRequest) => {
    const { state, clientName, answeredBy, factorNeed } = request;
    if (state === 'pending') {
      const missing = pageOfMissingProof(
        person.session,
        { factor: factorNeed },
        pathOf(shownCode(request.userCode)),
      );
      return missing ? seeOther(ctx, missing) : confirm(ctx, person, request);
    }
    return pages.show(ctx, person, (frame) => {
      if (state === 'expired') return deviceExpired(frame, {});
      if (answeredBy !== person.session.account.id) return deviceAnswered(frame, { clientName });
      return state === 'approved'
        ? deviceApproved(frame, { clientName })
        : deviceDenied(frame, { clientName });
    });
  };

  router.get('/device', (ctx) => {
    const given = queryValue(ctx, 'user_code');
    const userCode = shownCode(given);
    return pages.forPerson(ctx, { returnTo: pathOf(userCode), recent: true }, async (person) => {
      if (given === null) return enter(ctx, person);
      if (!userCode)
        return enter(
          ctx,
          person,
          {
            userCode: given.slice(0, 20),
            problem: wrongCode(given, pages.messages(ctx)),
          },
          400,
        );
      const account = approver(person);
      await guarded(
        ctx,
        person,
        userCode,
        () => deviceRequests.find(userCode, account),
        (request) => showRequest(ctx, person, request),
      );
    });
  });

  router.post('/device/decision', (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: (form) => pathOf(shownCode(form['user_code'])), recent: true },
      async (person, form) => {
        const userCode = shownCode(form['user_code']);
        const account = approver(person);
        const { decision, lifetime } = form;
        if (!userCode || (decision !== 'approve' && decision !== 'deny'))
          return seeOther(ctx, pathOf(userCode));
        const decide = () =>
          decision === 'approve'
            ? deviceRequests.approve(userCode, account, {
                ...(lifetime && { lifetime: Number(lifetime) }),
              })
            : deviceRequests.deny(userCode, account);
        try {
          await guarded(ctx, person, userCode, decide, () => seeOther(ctx, pathOf(userCode)));
        } catch (error) {
          if (!(error instanceof OAuthError) || error.status >= 500) throw error;
          await guarded(
            ctx,
            person,
            userCode,
            () => deviceRequests.find(userCode, account),
            (request) =>
              request.state === 'pending'
                ? confirm(ctx, person, request, {
                    problem: sentenceOf(error, pages.messages(ctx)),
                    status: error.status,
                  })
                : showRequest(ctx, person, request),
          );
        }
      },
    ),
  );

  // For devices that can show a picture but cannot create one. It does not reveal whether the code exists.
  router.get('/device/qr.svg', (ctx) => {
    const userCode = shownCode(queryValue(ctx, 'user_code'));
    if (!userCode) throw new OAuthError('not_found', 'This QR code does not exist.');
    ctx.set('Cache-Control', 'private, max-age=900');
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
    ctx.type = 'image/svg+xml';
    ctx.body = qrCode(urlOf(issuer, pathOf(userCode)));
  });
}
