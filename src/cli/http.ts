import { Failure, LostAnswer } from './failure.ts';

/** The response of a server; `json` is undefined if its body is no JSON. */
export interface Answer {
  status: number;
  headers: Headers;
  json: unknown;
}

/** Seconds to wait for a response. */
const patience = 30;

/**
 * Sends one request. Redirects are not followed: a token must not be sent to another server. Throws Failure if no whole
 * response comes.
 */
export async function request(
  url: string,
  init: RequestInit = {},
  milliseconds = 1000 * patience,
): Promise<Answer> {
  const signal = AbortSignal.timeout(milliseconds);
  const { origin } = new URL(url);
  const response = await fetch(url, { ...init, redirect: 'manual', signal }).catch((cause) => {
    throw unreachable(origin, cause);
  });
  const text = await response.text().catch((cause) => {
    throw brokenOff(origin, init.method ?? 'GET', cause);
  });
  return { status: response.status, headers: response.headers, json: parse(text) };
}

/** `fetch` for code that sends its own requests. Throws Failure if no response comes. */
export const fetchOrFail: typeof fetch = async (input, init) => {
  const { url } = new Request(input);
  try {
    return await fetch(input, init);
  } catch (cause) {
    throw unreachable(new URL(url).origin, cause);
  }
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The failure for a response that is not Writ's: a redirect, or a page of a proxy. */
export function notFromWrit(origin: string, { status, headers }: Answer): Failure {
  const elsewhere = headers.get('location');
  if (elsewhere && status >= 300 && status < 400)
    return new Failure(`${origin} redirects to ${clean(elsewhere)}.`, {
      remedy: 'Pass the URL of the server itself with --url.',
    });
  return status < 400
    ? new Failure(`${origin} does not answer as Writ does.`, {
        remedy: 'Is it the right server?',
      })
    : new Failure(`${origin} answered ${status}, and not as Writ does.`, {
        remedy:
          'Is it the right server? If it is behind a proxy, check that the server is running.',
      });
}

function unreachable(origin: string, cause: unknown): Failure {
  if (isTimeout(cause))
    return new Failure(`${origin} did not answer in time.`, {
      remedy: 'Check whether the server is overloaded, and try again.',
      cause,
    });
  const { code, reason } = rootOf(cause);
  const [problem, remedy] = explanation(code, reason);
  const Kind = broken.has(code) ? LostAnswer : Failure;
  return new Kind(`${origin} cannot be reached: ${problem}.`, { remedy, cause });
}

/** Error codes of Node for an open connection that breaks. */
const broken = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

const startIt = 'Is the server running?';

function explanation(code: string, reason: string): [problem: string, remedy: string] {
  if (code === 'ECONNREFUSED') return ['nothing listens there', startIt];
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return ['its host name is unknown', 'Is the URL right?'];
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'UND_ERR_CONNECT_TIMEOUT')
    return ['there is no route to it', 'Check the network and its firewalls.'];
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return ['it does not speak TLS', 'Is it http:// instead of https://?'];
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/.test(code))
    return [
      `its certificate is not accepted (${clean(reason)})`,
      'Fix the certificate, or name your own authority in NODE_EXTRA_CA_CERTS.',
    ];
  if (broken.has(code))
    return ['the connection was lost', 'Check that the server is running, and try again.'];
  return [clean(reason), startIt];
}

/** The response broke off: the server may have done what it was asked. */
const brokenOff = (origin: string, method: string, cause: unknown) =>
  new LostAnswer(
    isTimeout(cause)
      ? `${origin} did not finish its response in time.`
      : `The response of ${origin} broke off.`,
    {
      remedy:
        method === 'GET'
          ? 'Try again.'
          : 'The request may have succeeded: check before you try again.',
      cause,
    },
  );

const isTimeout = (error: unknown): boolean => {
  const { name, cause } = Object(error) as Partial<Error>;
  return name === 'TimeoutError' || (cause !== undefined && isTimeout(cause));
};

/** The cause under the "fetch failed" that Node reports for everything. */
function rootOf(error: unknown): { code: string; reason: string } {
  const { cause, code, message } = error as NodeJS.ErrnoException & { cause?: unknown };
  return cause ? rootOf(cause) : { code: code ?? '', reason: message || (code ?? 'unknown error') };
}

/** Text of a server without the characters that control a terminal. */
export const clean = (text: string): string =>
  text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ');
