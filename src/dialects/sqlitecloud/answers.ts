/** What clients read. */
import { STATUS_CODES } from 'node:http';
import type { NumberedToken } from '../../domain/tokens/named/types.ts';
import type { ErrorAnswer } from '../../http/errors.ts';
import type { OAuthError } from '../../oauth/errors.ts';
import { writeTime } from './times.ts';

/** A token without its value. One that was issued another way belongs to its person, or else to its client. */
export const describeToken = ({
  number,
  subject,
  accountId,
  clientId,
  name,
  payload,
  expiresAt,
  issuedAt,
}: NumberedToken) => ({
  accessTokenId: number,
  userId: subject?.id ?? accountId ?? clientId,
  name,
  attributes: payload?.['attributes'] ?? null,
  expiresAt: writeTime(expiresAt),
  createdAt: writeTime(issuedAt),
});

/** A new token, with its value in the place where clients have it. */
export function describeCreated(token: NumberedToken, value: string) {
  const { accessTokenId, ...rest } = describeToken(token);
  return { accessTokenId, token: value, ...rest };
}

/** One of the tokens of a user. The number is Writ's own addition: by it a token can be changed and revoked. */
export function describeListed(token: NumberedToken) {
  const { accessTokenId, name, expiresAt, createdAt } = describeToken(token);
  return { name, expiresAt, createdAt, accessTokenId };
}

/** The moments of a request, in milliseconds: when it came, when its caller was known, when its work was done. */
export interface Moments {
  came: number;
  known: number;
  done: number;
}

/** How long a request took. The two parts are the whole. */
export function describeTimes({ came, known, done }: Moments) {
  const connectedMs = Math.round(known - came);
  const elapsedMs = Math.max(Math.round(done - came), connectedMs);
  return { connectedMs, executedMs: elapsedMs - connectedMs, elapsedMs };
}

/** What the domain calls otherwise. */
const parameters: Readonly<Record<string, string>> = {
  'subject.id': 'userId',
  expires_at: 'expiresAt',
};

/** An error as the newer APIs of SQLite Cloud have it: an entry for each thing that is wrong. */
export function describeError({ status, message, details }: OAuthError): ErrorAnswer {
  const title = STATUS_CODES[status] ?? '';
  const sentences =
    details.length === 0
      ? [message]
      : details.map(({ parameter, message: problem }) =>
          parameter === undefined || problem === message
            ? problem
            : `${parameters[parameter] ?? parameter}: ${problem}`,
        );
  const code = title.toLowerCase().replaceAll(' ', '_');
  return {
    status,
    body: { errors: sentences.map((detail) => ({ status: String(status), code, title, detail })) },
  };
}
