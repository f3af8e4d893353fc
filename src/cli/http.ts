import { Failure, LostAnswer } from './failure.ts';

/** What a server answered; `json` is undefined where it sent none. */
export interface Answer {
  status: number;
  headers: Headers;
  json: unknown;
}

/** Seconds that a server may take. */
const patience = 30;

/**
 * Asks a server once. Redirects are not followed: a token must not travel on, and what answers in
 * another place is not what was asked. Throws Failure where no whole answer comes.
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

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whose answer it is not: a redirect, or a page of whatever stands in front of the server. */
export function notFromWrit(origin: string, { status, headers }: Answer): Failure {
  const elsewhere = headers.get('location');
  if (elsewhere && status >= 300 && status < 400)
    return new Failure(`${origin} sends one on to ${clean(elsewhere)}.`, {
      remedy: 'Name the server itself with --url.',
    });
  return status < 400
    ? new Failure(`${origin} does not answer as Writ does.`, {
        remedy: 'Is it the right server?',
      })
    : new Failure(`${origin} answered ${status}, and not as Writ does.`, {
        remedy:
          'Is it the right server? If a proxy stands before it, look whether the server runs.',
      });
}

function unreachable(origin: string, cause: unknown): Failure {
  if (isTimeout(cause))
    return new Failure(`${origin} did not answer in time.`, {
      remedy: 'Look whether the server is overloaded, and try again.',
      cause,
    });
  const { code, reason } = rootOf(cause);
  const [problem, remedy] = explanation(code, reason);
  const Kind = broken.has(code) ? LostAnswer : Failure;
  return new Kind(`${origin} cannot be reached: ${problem}.`, { remedy, cause });
}

/** What Node says where a connection broke that was open. */
const broken = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

const startIt = 'Is the server running?';

function explanation(code: string, reason: string): [problem: string, remedy: string] {
  if (code === 'ECONNREFUSED') return ['nothing listens there', startIt];
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return ['its name is not known', 'Is the URL right?'];
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'UND_ERR_CONNECT_TIMEOUT')
    return ['no way leads there', 'Look at the network and its firewalls.'];
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return ['it does not speak TLS', 'Is it http:// instead of https://?'];
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/.test(code))
    return [
      `its certificate is not accepted (${clean(reason)})`,
      'Mend the certificate, or name an authority of your own in NODE_EXTRA_CA_CERTS.',
    ];
  if (broken.has(code))
    return ['the connection broke', 'Look whether the server runs, and try again.'];
  return [clean(reason), startIt];
}

/** After a break nobody knows whether the server did what it was asked. */
const brokenOff = (origin: string, method: string, cause: unknown) =>
  new LostAnswer(
    isTimeout(cause)
      ? `${origin} did not finish its answer in time.`
      : `${origin} broke off in the middle of its answer.`,
    {
      remedy:
        method === 'GET'
          ? 'Try again.'
          : 'What was asked may have been done or not: look before you try again.',
      cause,
    },
  );

const isTimeout = (error: unknown): boolean => {
  const { name, cause } = Object(error) as Partial<Error>;
  return name === 'TimeoutError' || (cause !== undefined && isTimeout(cause));
};

/** What lies under the "fetch failed" that Node says for everything. */
function rootOf(error: unknown): { code: string; reason: string } {
  const { cause, code, message } = error as NodeJS.ErrnoException & { cause?: unknown };
  return cause
    ? rootOf(cause)
    : { code: code ?? '', reason: message || (code ?? 'unknown trouble') };
}

/** What comes from elsewhere must not steer the terminal that it is shown on. */
export const clean = (text: string): string =>
  text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ');
