/** DEVICE LOGIN (RFC 8628): a person approves this program in a browser, with a code that it shows. */
import { grantTypes } from '../../oauth/grant-types.ts';
import { discover, postForm, tokensOf } from './requests.ts';
import { type ClientOptions, isTransient, TokenError, type Tokens } from './types.ts';

/** What a program shows to the person (RFC 8628 §3.2). */
export interface DeviceCode {
  userCode: string;
  /** The page where the person enters the code. */
  verificationUri: string;
  /** The same page with the code filled in: for a link or a QR code. */
  verificationUriComplete: string | undefined;
  /** When the code expires, in milliseconds since 1970. */
  expiresAt: number;
}

export interface DeviceLoginOptions extends ClientOptions {
  /** The objects that the tokens are limited to (RFC 9396), as JSON. */
  authorizationDetails?: string | undefined;
  /** Shows the code. Called once, before the first poll. */
  onCode(code: DeviceCode): void;
  /** Called when a poll got no response, or only that the server is overloaded. The login goes on. */
  onRetry?(error: unknown): void;
  /** Ends the login early. */
  signal?: AbortSignal | undefined;
}

/** Waits, or throws the reason of the signal. */
const pause = (milliseconds: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });

/**
 * Logs in. Ask for the scope `offline_access` to get a refresh token. Throws TokenError: `access_denied` if the person
 * denied it, `expired_token` if the code expired first.
 */
export async function deviceLogin(options: DeviceLoginOptions): Promise<Tokens> {
  const endpoints = await discover(options);
  if (!endpoints.deviceAuthorization)
    throw new TokenError(`${options.issuer} has no device login.`, { status: 0 });
  const begun = await postForm(endpoints.deviceAuthorization, options, {
    scope: options.scope,
    resource: options.resource,
    authorization_details: options.authorizationDetails,
  });
  const seconds = (name: string, otherwise: number): number => {
    const value = begun[name];
    return typeof value === 'number' && value > 0 && value <= 86_400 ? value : otherwise;
  };
  const expiresAt = Date.now() + 1000 * seconds('expires_in', 900);
  options.onCode({
    userCode: String(begun['user_code']),
    verificationUri: String(begun['verification_uri']),
    verificationUriComplete:
      typeof begun['verification_uri_complete'] === 'string'
        ? begun['verification_uri_complete']
        : undefined,
    expiresAt,
  });
  let interval = 1000 * seconds('interval', 5);
  while (Date.now() < expiresAt) {
    await pause(Math.min(interval, Math.max(0, expiresAt - Date.now())), options.signal);
    try {
      const response = await postForm(endpoints.token, options, {
        grant_type: grantTypes.deviceCode,
        device_code: String(begun['device_code']),
      });
      return tokensOf(response);
    } catch (error) {
      if (!(error instanceof TokenError)) {
        // The network is away, or the server hangs: ask less often (RFC 8628 §3.5).
        options.onRetry?.(error);
        interval = Math.min(2 * interval, 60_000);
        continue;
      }
      if (error.code === 'authorization_pending') continue;
      if (error.code === 'slow_down') interval += 5000;
      else if (isTransient(error)) {
        options.onRetry?.(error);
        interval = Math.max(interval, 1000 * (error.retryAfter ?? 5));
      } else throw error;
    }
  }
  throw new TokenError('The code expired before anyone approved it.', {
    status: 400,
    code: 'expired_token',
  });
}
