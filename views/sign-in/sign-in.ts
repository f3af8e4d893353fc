import { html } from 'hono/html';
import { field, fieldsOf, type Problems } from '../components/field.ts';
import { postForm } from '../components/form.ts';
import { clockIcon } from '../components/icons.ts';
import { passkeyForm, passkeyScript, passkeySignal } from '../components/passkey.ts';
import { support } from '../components/support.ts';
import { symbol } from '../components/symbol.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { cardPage } from '../layout/layout.ts';
import type { Messages } from '../messages/en.ts';
import { type ProviderChoice, providerButtons } from './providers.ts';

export interface SignInProps {
  /** Where the person goes afterwards. */
  returnTo: string;
  email?: string | undefined;
  /** What is wrong with the form as a whole. */
  problem?: string | undefined;
  problems?: Problems<'email' | 'password'> | undefined;
  /** The person is signed in, and confirms their password. */
  again?: boolean | undefined;
  /** The app that sent the person here. */
  app?: string | undefined;
  /** The person who is signed in and can go on instead of signing in with another account. */
  continueAs?: string | undefined;
  /** Absent if browsers allow this server no passkeys, or the person has none. */
  passkeys?:
    | {
        action: string;
        /** The domain that passkeys are bound to. */
        rpId: string;
        /** The ID of a passkey that was refused: it is unknown to this server. */
        unknown?: string | undefined;
      }
    | undefined;
  /** Other identity providers, the last used one first. */
  providers?: readonly ProviderChoice[] | undefined;
  /** The person who confirms has no password, only the other ways. */
  hasNoPassword?: boolean | undefined;
  /** Only the address is asked for: it decides whether a provider or a password follows. */
  asksForAddress?: boolean | undefined;
  /** Why the person signs in, if not only for this server. */
  purpose?: Exclude<keyof Messages['purposes'], 'app'> | undefined;
}

/** Where people enter their email address and password. */
export function signIn(frame: Frame, props: SignInProps): Html {
  const { email, problem, problems, again, app, passkeys, providers = [], asksForAddress } = props;
  const { hasNoPassword } = props;
  const { name } = frame.brand;
  const { actions, fields: labels, purposes, signIn: said } = frame.messages;
  const isFixed = again === true && Boolean(email);
  const fields = fieldsOf({
    order: email ? ['password'] : ['email', 'password'],
    values: { email },
    problems,
  });
  const requester = app && html`<bdi>${app}</bdi>`;
  const purpose = requester
    ? purposes.app(requester)
    : props.purpose
      ? purposes[props.purpose]
      : '';
  const buttons =
    providers.length > 0 &&
    providerButtons(frame, { providers, returnTo: props.returnTo, again: again === true });
  const isProviderFirst = providers.some(({ isLast }) => isLast);
  return cardPage(frame, {
    title: hasNoPassword ? said.itIsYouTitle : again ? said.confirmTitle : said.title,
    heading: again || !requester ? undefined : said.toApp(requester),
    lead: hasNoPassword
      ? said.itIsYouLead(purpose)
      : again
        ? said.confirmLead(purpose)
        : said.lead(name, app ? '' : purpose),
    problem,
    problems,
    body: html`${isProviderFirst && buttons}
    ${
      !hasNoPassword &&
      postForm(
        frame,
        '/sign-in',
        html`<input type="hidden" name="return_to" value="${props.returnTo}">
      ${field({
        ...fields('email'),
        label: labels.email,
        type: 'email',
        autocomplete: passkeys && !again ? 'username webauthn' : 'username',
        readonly: isFixed,
        describedBy: problem && 'problem',
      })}
      ${asksForAddress && html`<input type="hidden" name="step" value="address">`}
      ${
        !asksForAddress &&
        field({
          ...fields('password'),
          label: labels.password,
          type: 'password',
          autocomplete: 'current-password',
          describedBy: problem && 'problem',
        })
      }
      <button type="submit" class="wide">${again || asksForAddress ? actions.continue : actions.signIn}</button>`,
        { noValidate: true },
      )
    }
    ${asksForAddress && html`<p class="fine"><a href="/sign-in?${new URLSearchParams({ way: 'password', return_to: props.returnTo })}">${said.usePassword}</a></p>`}
    ${!isProviderFirst && buttons}
    ${
      hasNoPassword &&
      providers.length === 0 &&
      (passkeys
        ? html`<noscript><p class="fine">${said.passkeysNeedJavaScript}</p></noscript>`
        : html`<p class="fine">${said.noWay(support(frame))}</p>`)
    }
    ${
      passkeys &&
      passkeyForm(frame, {
        action: passkeys.action,
        kind: 'get',
        label: again ? said.usePasskey : said.withPasskey,
        look: 'plain wide',
        autofill: !again,
        fields: html`<input type="hidden" name="return_to" value="${props.returnTo}">`,
      })
    }
    ${props.continueAs && html`<a class="button plain wide" href="${props.returnTo}"><span>${said.continueAs(html`<bdi>${props.continueAs}</bdi>`)}</span></a>`}
    ${!hasNoPassword && html`<p class="fine"><a href="/sign-in/forgot${email && `?login_hint=${encodeURIComponent(email)}`}">${said.forgot}</a></p>`}
    ${
      !again &&
      (frame.brand.registration
        ? html`<p class="fine">${said.noAccount(html`<a href="${registerHref(props.returnTo, email)}">${actions.createAccount}</a>`)}</p>`
        : html`<p class="fine">${said.noAccountAsk(support(frame))}</p>`)
    }
    ${
      passkeys?.unknown &&
      passkeySignal({
        name: 'signalUnknownCredential',
        rpId: passkeys.rpId,
        credentialId: passkeys.unknown,
      })
    }
    ${passkeys && passkeyScript(frame)}`,
  });
}

const registerHref = (returnTo: string, email: string | undefined): string => {
  const query = new URLSearchParams({
    ...(returnTo !== '/account' && { return_to: returnTo }),
    ...(email && { login_hint: email }),
  }).toString();
  return query ? `/register?${query}` : '/register';
};

/** Shown to browsers that the account does not know, whether or not the account exists. */
export function signInPaused(frame: Frame, _props: Record<string, never> = {}): Html {
  const { actions, signInPaused: said } = frame.messages;
  return cardPage(frame, {
    title: said.title,
    symbol: symbol(clockIcon, 'neutral'),
    lead: said.lead,
    body: html`<ul class="fine left">
      <li>${said.knownBrowser}</li>
      <li>${said.newPassword(support(frame))}</li>
    </ul>
    <a class="button plain wide" href="/sign-in">${actions.backToSignIn}</a>`,
  });
}
