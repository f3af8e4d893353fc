import type Router from '@koa/router';
import type { Context } from 'koa';
import {
  type ProviderChoice,
  type ProviderOutcome,
  providerProblem,
  unknownIdentity,
} from '../../../views/sign-in/providers.ts';
import type { SignInCompletion } from '../../domain/accounts/sign-in-completion.ts';
import type { Flow, FlowPurpose, ProviderFlows } from '../../domain/providers/flows.ts';
import type { Identities } from '../../domain/providers/identities.ts';
import type { Providers } from '../../domain/providers/providers.ts';
import type { ProviderSignOut } from '../../domain/providers/sign-out.ts';
import {
  type IdentityProvider,
  type Upstream,
  UpstreamError,
  type UpstreamIdentity,
} from '../../domain/providers/types.ts';
import { queryValue, readForm } from '../../http/form.ts';
import type { RefusalLog } from '../../http/refusal-log.ts';
import { OAuthError } from '../../oauth/errors.ts';
import {
  backchannelLogoutPath,
  callbackPath,
  signedOutPath,
  withProviderPath,
} from '../../oauth/provider-paths.ts';
import { connectPath } from '../account/identities.ts';
import { securityPath } from '../account/security.ts';
import { type BrowserSession, secretOfBrowser } from '../framework/browser-session.ts';
import type { Cookies } from '../framework/cookies.ts';
import { withNotice } from '../framework/notices.ts';
import { type Pages, StaleForm } from '../framework/page-guards.ts';
import { seeOther } from '../framework/page-renderer.ts';
import { readReturnTo, signInPath } from '../framework/return-to.ts';
import { finishSignIn, originOf } from './finish.ts';

export interface ProviderDependencies {
  pages: Pages;
  cookies: Cookies;
  providers: Pick<Providers, 'enabled' | 'find' | 'forAddress'>;
  identities: Pick<Identities, 'signIn' | 'link' | 'list'>;
  providerFlows: ProviderFlows;
  providerSignOut: Pick<ProviderSignOut, 'endSessions'>;
  upstream: Pick<Upstream, 'begin' | 'finish'>;
  completion: Pick<SignInCompletion, 'completeSignIn'>;
  noteRefusal: RefusalLog['note'];
  /** Goes to another address by itself. A form cannot redirect there: the pages forbid it (form-action). */
  showLeaving: (ctx: Context, response: { name: string; url: string }) => Promise<void>;
}

/** A sign-in that was sent to the provider again must be newer there than this; clocks can differ. */
const tolerance = 60_000;

/** What the sign-in page needs of other providers. */
export interface ProviderSignIn {
  /** The buttons for a browser; for a person who is signed in, only those of their account. */
  choices(ctx: Context, accountId?: string): Promise<ProviderChoice[]>;
  /** Whether the page asks for the address first, because some addresses are sent to a provider. */
  asksForAddress(): Promise<boolean>;
  /** Sends people with such an address to their provider. False if it has none. */
  route(ctx: Context, visitor: BrowserSession, email: string, returnTo: string): Promise<boolean>;
}

/** `/sign-in/with/…`. */
export function providerSignInPages(
  router: Router,
  dependencies: ProviderDependencies,
): ProviderSignIn {
  const { pages, cookies, providers, identities, providerFlows: flows } = dependencies;
  const { providerSignOut, upstream, completion, noteRefusal, showLeaving } = dependencies;

  const find = async (ctx: Context): Promise<IdentityProvider> => {
    const provider = await providers.find(String(ctx['params']['provider']));
    if (!provider?.enabled) throw new OAuthError('not_found', 'There is no such provider.');
    return provider;
  };

  const problem = (
    ctx: Context,
    { name }: IdentityProvider,
    outcome: ProviderOutcome,
    flow: Pick<Flow, 'purpose' | 'returnTo'> | undefined,
  ): Promise<void> => {
    const isSignedIn = flow !== undefined && flow.purpose.kind !== 'sign_in';
    const returnTo = flow?.returnTo ?? '/account';
    return pages.show(
      ctx,
      undefined,
      (frame) =>
        providerProblem(frame, {
          provider: name,
          outcome,
          backHref: flow?.purpose.kind === 'link' ? returnTo : signInPath(returnTo, isSignedIn),
          isSignedIn,
        }),
      { status: outcome === 'unreachable' ? 503 : outcome === 'expired' ? 400 : 403 },
    );
  };

  const failed = (
    ctx: Context,
    provider: IdentityProvider,
    error: unknown,
    flow: Pick<Flow, 'purpose' | 'returnTo'>,
  ): Promise<void> => {
    if (!(error instanceof UpstreamError)) throw error;
    noteRefusal(ctx, { reason: `sign-in with ${provider.id}: ${error.message}` });
    return problem(ctx, provider, error.reason, flow);
  };

  /** Sends the browser to a provider. */
  const begin = async (
    ctx: Context,
    provider: IdentityProvider,
    given: { purpose: FlowPurpose; returnTo: string; loginHint?: string | undefined },
  ): Promise<void> => {
    const { purpose, returnTo, loginHint } = given;
    try {
      const flow = await flows.begin(secretOfBrowser(ctx, cookies), {
        providerId: provider.id,
        purpose,
        returnTo,
      });
      const url = await upstream.begin(provider, flow, {
        loginHint,
        again: purpose.kind === 'again',
      });
      await showLeaving(ctx, { name: provider.name, url });
    } catch (error) {
      await failed(ctx, provider, error, given);
    }
  };

  router.post(withProviderPath(':provider'), async (ctx) => {
    const form = await readForm(ctx);
    const provider = await find(ctx);
    const visitor = await pages.browserSession(ctx);
    const returnTo = readReturnTo(form['return_to']);
    const { session } = visitor;
    if ('link' in form)
      return pages.forPerson(ctx, { returnTo: securityPath, recent: true }, async (person) => {
        if (!person.isOurs(ctx, form)) throw new StaleForm(securityPath);
        const { id: accountId } = person.session.account;
        await begin(ctx, provider, {
          purpose: { kind: 'link', accountId },
          returnTo: securityPath,
        });
      });
    if (!visitor.isOurs(ctx, form, 'anyone')) throw new StaleForm(signInPath(returnTo));
    const purpose: FlowPurpose =
      session && 'again' in form
        ? { kind: 'again', accountId: session.account.id }
        : { kind: 'sign_in' };
    await begin(ctx, provider, { purpose, returnTo });
  });

  router.get(callbackPath(':provider'), async (ctx) => {
    const provider = await find(ctx);
    const browser = cookies.get(ctx, 'csrf');
    const state = queryValue(ctx, 'state');
    const flow = browser && state ? await flows.take(browser, state) : undefined;
    if (!flow) return problem(ctx, provider, 'expired', undefined);
    // The response of one provider at the address of another (RFC 9700 §4.4).
    if (flow.providerId !== provider.id) return problem(ctx, provider, 'invalid', flow);
    let identity: UpstreamIdentity;
    try {
      identity = await upstream.finish(provider, flow, ctx.querystring);
    } catch (error) {
      return failed(ctx, provider, error, flow);
    }
    const visitor = await pages.browserSession(ctx);
    if (flow.purpose.kind === 'link') return link(ctx, provider, flow, identity, visitor);
    return signIn(ctx, provider, flow, identity, visitor);
  });

  /** Adds the identity to the account that the person proved before they left. */
  async function link(
    ctx: Context,
    provider: IdentityProvider,
    flow: Flow,
    identity: UpstreamIdentity,
    { session }: BrowserSession,
  ): Promise<void> {
    const { purpose } = flow;
    if (purpose.kind !== 'link' || session?.account.id !== purpose.accountId)
      return problem(ctx, provider, 'other_account', flow);
    const { issuer, subject } = identity;
    try {
      await identities.link(
        purpose.accountId,
        { providerId: provider.id, issuer, subject },
        identity,
      );
    } catch (error) {
      if (!(error instanceof OAuthError && error.code === 'conflict')) throw error;
      return problem(ctx, provider, 'taken', flow);
    }
    seeOther(ctx, withNotice(flow.returnTo, 'provider_linked'));
  }

  async function signIn(
    ctx: Context,
    provider: IdentityProvider,
    flow: Flow,
    identity: UpstreamIdentity,
    visitor: BrowserSession,
  ): Promise<void> {
    const { purpose, returnTo } = flow;
    const isOlder = isStale(identity, flow);
    if (purpose.kind === 'again' && isOlder) return problem(ctx, provider, 'not_fresh', flow);
    const found = await identities.signIn(provider, identity, {
      mayCreate: purpose.kind !== 'again',
    });
    if (found.outcome === 'disabled') return problem(ctx, provider, 'disabled', flow);
    if (
      purpose.kind === 'again' &&
      !('accountId' in found && found.accountId === purpose.accountId)
    )
      return problem(ctx, provider, 'other_account', flow);
    if (found.outcome === 'unknown')
      return showUnknown(ctx, provider, flow, identity, found.reason);
    const isStrong = provider.trusts_second_factor && identity.usedSecondFactor;
    const signedIn = await completion.completeSignIn({
      accountId: found.accountId,
      amr: isStrong ? ['fed', 'mfa'] : ['fed'],
      isStrong,
      upstream: { identityId: found.identityId, sid: identity.sid },
      provenAt: isOlder ? (identity.authenticatedAt ?? undefined) : undefined,
      origin: originOf(ctx, cookies, visitor),
    });
    cookies.set(ctx, 'way', provider.id);
    finishSignIn(ctx, cookies, signedIn, returnTo);
  }

  /** Keeps the identity until the person has proven an account. */
  async function showUnknown(
    ctx: Context,
    { id: providerId, name }: IdentityProvider,
    { returnTo }: Flow,
    { issuer, subject, email, username }: UpstreamIdentity,
    reason: 'has_account' | 'no_rule' | 'unverified' | 'domain',
  ): Promise<void> {
    const secret = await flows.keepIdentity({
      providerId,
      issuer,
      subject,
      email,
      username,
      returnTo,
      provenAt: new Date(),
    });
    cookies.set(ctx, 'pending_identity', secret);
    await pages.show(
      ctx,
      undefined,
      (frame) =>
        unknownIdentity(frame, {
          provider: name,
          shown: email ?? username,
          reason,
          connectHref: connectPath,
          backHref: signInPath(returnTo),
        }),
      { status: 403 },
    );
  }

  router.get(signedOutPath(':provider'), (ctx) =>
    seeOther(ctx, withNotice(signInPath('/account'), 'signed_out')),
  );

  router.post(backchannelLogoutPath(':provider'), async (ctx) => {
    const { logout_token: token = '' } = await readForm(ctx);
    ctx.set('Cache-Control', 'no-store');
    try {
      await providerSignOut.endSessions(await find(ctx), token);
      ctx.status = 200;
      ctx.body = '';
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      noteRefusal(ctx, { reason: error.message });
      ctx.status = error.reason === 'unreachable' ? 503 : 400;
      ctx.body = { error: 'invalid_request', error_description: 'The logout token is not valid.' };
    }
  });

  return {
    async choices(ctx, accountId) {
      const enabled = await providers.enabled();
      if (enabled.length === 0) return [];
      const linked = accountId === undefined ? undefined : await identities.list(accountId);
      const last = cookies.get(ctx, 'way');
      return enabled
        .filter(({ id }) => !linked || linked.some(({ provider_id }) => provider_id === id))
        .map(({ id, name }) => ({ id, name, isLast: id === last }))
        .sort((one, other) => Number(other.isLast) - Number(one.isLast));
    },
    asksForAddress: async () =>
      (await providers.enabled()).some(({ domains }) => domains.length > 0),
    async route(ctx, _visitor, email, returnTo) {
      const provider = await providers.forAddress(email);
      if (!provider) return false;
      await begin(ctx, provider, { purpose: { kind: 'sign_in' }, returnTo, loginHint: email });
      return true;
    },
  };
}

/** Whether the provider says that the person last signed in before it was asked to repeat that. */
const isStale = ({ authenticatedAt }: UpstreamIdentity, { startedAt }: Flow): boolean =>
  authenticatedAt !== null && authenticatedAt.getTime() < startedAt.getTime() - tolerance;
