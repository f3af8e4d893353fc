import type Router from '@koa/router';
import type { Context } from 'koa';
import { authenticatorRemoval, authenticatorSetUp } from '../../../views/account/authenticator.ts';
import {
  recoveryCodesReplacement,
  recoveryCodesShown,
} from '../../../views/account/recovery-codes.ts';
import {
  authenticatorSection,
  recoveryCodesSection,
  rememberedBrowsersSection,
} from '../../../views/account/security.ts';
import type { Problems } from '../../../views/components/field.ts';
import type { AuthenticatorSetUp, Authenticators } from '../../domain/accounts/authenticator.ts';
import { FactorRefused } from '../../domain/accounts/factor-attempts.ts';
import type { RecoveryCodes } from '../../domain/accounts/recovery-codes.ts';
import type { RememberedBrowsers } from '../../domain/accounts/remembered-browsers.ts';
import type { Sessions } from '../../domain/accounts/sessions.ts';
import { keyUri } from '../../domain/accounts/totp.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { type Person, withSession } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { withNotice } from '../framework/notices.ts';
import type { Pages } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { qrCode } from '../framework/qr.ts';
import { tooManyAttempts } from '../framework/waiting-time.ts';
import { type SecuritySection, securityPath } from './security.ts';

interface Dependencies {
  pages: Pages;
  cookies: Cookies;
  authenticators: Pick<Authenticators, 'describe' | 'begin' | 'resume' | 'confirm' | 'remove'>;
  recoveryCodes: Pick<RecoveryCodes, 'state' | 'replace'>;
  rememberedBrowsers: Pick<RememberedBrowsers, 'list' | 'forgetAll'>;
  sessions: Pick<Sessions, 'revokeOthers'>;
  /** Whether the account has a second factor of any kind. */
  hasSecondFactor: (accountId: string) => Promise<boolean>;
  brandName: string;
}

const authenticatorPath = `${securityPath}/authenticator`;
const removalPath = `${authenticatorPath}/remove`;
const recoveryCodesPath = `${securityPath}/recovery-codes`;

/** The sections about second factors of `/account/security`. */
export function secondFactorSections({
  authenticators,
  recoveryCodes,
  rememberedBrowsers,
  hasSecondFactor,
}: Dependencies): SecuritySection[] {
  return [
    async ({ session: { account } }) => {
      const found = await authenticators.describe(account.id);
      const shown = found && { createdAt: found.created_at, lastUsedAt: found.last_used_at };
      return (frame) => authenticatorSection(frame, shown);
    },
    async ({ session: { account } }) => {
      if (!(await hasSecondFactor(account.id))) return undefined;
      const state = await recoveryCodes.state(account.id);
      return (frame) => recoveryCodesSection(frame, state);
    },
    async ({ session: { account } }) => {
      const browsers = await rememberedBrowsers.list(account.id);
      if (browsers.length === 0) return undefined;
      return (frame) =>
        rememberedBrowsersSection(
          frame,
          browsers.map(({ user_agent, ip, last_used_at, expires_at }) => ({
            userAgent: user_agent,
            ip,
            lastUsedAt: last_used_at,
            expiresAt: expires_at,
          })),
        );
    },
  ];
}

/** `/account/security/…`: the authenticator app, recovery codes and remembered browsers of a person. */
export function secondFactorPages(router: Router, dependencies: Dependencies): void {
  const { pages, cookies, authenticators, recoveryCodes, rememberedBrowsers } = dependencies;
  const { sessions, hasSecondFactor, brandName } = dependencies;

  const showSetUp = (
    ctx: Context,
    person: Person,
    { secret, sealed }: AuthenticatorSetUp,
    problems: Problems<'code'> = {},
    status = 200,
  ) => {
    const { email, name } = person.session.account;
    const image = qrCode(keyUri(secret, { issuer: brandName, label: email ?? name }));
    return pages.show(
      ctx,
      person,
      (frame) =>
        authenticatorSetUp(frame, {
          secret,
          sealed,
          qrCode: `data:image/svg+xml;base64,${Buffer.from(image).toString('base64')}`,
          problems,
        }),
      { current: 'account', status },
    );
  };

  const endOthers = async (person: Person, form: Record<string, string | undefined>) => {
    if ('end_others' in form)
      await sessions.revokeOthers(person.session.account.id, person.session.id);
  };

  router.get(authenticatorPath, (ctx) =>
    pages.forPerson(ctx, { returnTo: authenticatorPath, recent: true }, async (person) => {
      const { id, account } = person.session;
      if (await authenticators.describe(account.id)) return seeOther(ctx, securityPath);
      await showSetUp(ctx, person, authenticators.begin(account.id, id));
    }),
  );

  router.post(authenticatorPath, (ctx) =>
    pages.forForm(
      ctx,
      { returnTo: () => authenticatorPath, recent: true },
      async (person, form) => {
        const { id: sessionId, account } = person.session;
        const { key: sealed = '', code = '' } = form;
        const setUp = authenticators.resume(account.id, sessionId, sealed);
        // The page was open for too long, or in another session: it shows a new key.
        if (!setUp) return seeOther(ctx, authenticatorPath);
        if (code === '') return showSetUp(ctx, person, setUp, { code: 'Enter a code.' }, 400);
        try {
          const confirmed = await authenticators.confirm({
            accountId: account.id,
            sessionId,
            sealed,
            code,
            ip: ctx.ip,
          });
          await endOthers(person, form);
          const { session, recoveryCodes: codes } = confirmed;
          if (session) cookies.set(ctx, 'session', session);
          if (!codes) return seeOther(ctx, securityPath);
          await pages.show(
            ctx,
            session ? withSession(person, session) : person,
            (frame) => recoveryCodesShown(frame, { codes, isFirst: true }),
            { current: 'account' },
          );
        } catch (error) {
          // It was set up in another tab, or the form was sent twice.
          if (error instanceof OAuthError && error.code === 'conflict')
            return seeOther(ctx, securityPath);
          if (!(error instanceof FactorRefused)) throw error;
          if (error.reason === 'wrong')
            return showSetUp(
              ctx,
              person,
              setUp,
              { code: 'This code is not correct. Enter the code that the app shows now.' },
              400,
            );
          const code = tooManyAttempts(ctx, { retryAfter: error.retryAfter ?? 60 });
          await showSetUp(ctx, person, setUp, { code }, 429);
        }
      },
    ),
  );

  router.get(removalPath, (ctx) =>
    pages.forPerson(ctx, { returnTo: removalPath, recent: true }, async (person) => {
      const { id } = person.session.account;
      if (!(await authenticators.describe(id))) return seeOther(ctx, securityPath);
      await pages.show(
        ctx,
        person,
        (frame) => authenticatorRemoval(frame, { isLastFactor: true }),
        {
          current: 'account',
        },
      );
    }),
  );

  router.post(removalPath, (ctx) =>
    pages.forForm(ctx, { returnTo: () => removalPath, recent: true }, async (person, form) => {
      await authenticators.remove(person.session.account.id, ctx.ip);
      await endOthers(person, form);
      seeOther(ctx, withNotice(securityPath, 'authenticator_removed'));
    }),
  );

  router.get(recoveryCodesPath, (ctx) =>
    pages.forPerson(ctx, { returnTo: recoveryCodesPath, recent: true }, async (person) => {
      const { id } = person.session.account;
      if (!(await hasSecondFactor(id))) return seeOther(ctx, securityPath);
      const { left } = await recoveryCodes.state(id);
      await pages.show(ctx, person, (frame) => recoveryCodesReplacement(frame, { left }), {
        current: 'account',
      });
    }),
  );

  router.post(recoveryCodesPath, (ctx) =>
    pages.forForm(ctx, { returnTo: () => recoveryCodesPath, recent: true }, async (person) => {
      const { id } = person.session.account;
      if (!(await hasSecondFactor(id))) return seeOther(ctx, securityPath);
      const codes = await recoveryCodes.replace(id, ctx.ip);
      await pages.show(
        ctx,
        person,
        (frame) => recoveryCodesShown(frame, { codes, isFirst: false }),
        { current: 'account' },
      );
    }),
  );

  router.post(`${securityPath}/forget-browsers`, (ctx) =>
    pages.forForm(ctx, { returnTo: () => securityPath }, async (person) => {
      await rememberedBrowsers.forgetAll(person.session.account.id, ctx.ip);
      if (cookies.get(ctx, 'remembered')) cookies.clear(ctx, 'remembered');
      seeOther(ctx, withNotice(securityPath, 'browsers_forgotten'));
    }),
  );
}
