/** The responses of the dialect. */
import { STATUS_CODES } from 'node:http';
import type { NumberedToken } from '../../domain/tokens/named/types.ts';
import type { ErrorAnswer } from '../../http/errors.ts';
import type { OAuthError } from '../../oauth/errors.ts';
import { writeTime } from './times.ts';

/** A token without its value. If it has no subject, it belongs to its person, otherwise to its client. */
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

/** A new token with its value, in the order of the original. */
export function describeCreated(token: NumberedToken, value: string) {
  const { accessTokenId, ...rest } = describeToken(token);
  return { accessTokenId, token: value, ...rest };
}

/** An item of a user's list. `accessTokenId` is an addition of Writ, with which a token can be changed and revoked. */
export function describeListed(token: NumberedToken) {
  const { accessTokenId, name, expiresAt, createdAt } = describeToken(token);
  return { name, expiresAt, createdAt, accessTokenId };
}

/** The times of a request, in milliseconds: when it arrived, when its caller was authenticated, when it was done. */
export interface Moments {
  arrived: number;
  authenticated: number;
  done: number;
}

/** The duration of a request. The two parts add up to the whole. */
export function describeTimes({ arrived, authenticated, done }: Moments) {
  const connectedMs = Math.round(authenticated - arrived);
  const elapsedMs = Math.max(Math.round(done - arrived), connectedMs);
  return { connectedMs, executedMs: elapsedMs - connectedMs, elapsedMs };
}

/** The names of fields that the domain names differently. */
const parameters: Readonly<Record<string, string>> = {
  'subject.id': 'userId',
  expires_at: 'expiresAt',
};

/** An error in the format of SQLite Cloud's newer APIs: an entry for each problem. */
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
