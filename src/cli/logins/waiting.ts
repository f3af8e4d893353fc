import { renderUnicodeCompact } from 'uqr';
import type { DeviceCode } from '../../sdk/client/index.ts';
import { clean } from '../http.ts';
import type { Terminal } from '../terminal.ts';

/** Shows where a person approves a login, and how long that is possible. */
export function showCode(
  { err, errColumns }: Pick<Terminal, 'err' | 'errColumns'>,
  issuer: string,
  { userCode, verificationUri, verificationUriComplete, expiresAt }: DeviceCode,
  { isOpened }: { isOpened: boolean },
) {
  const link = clean(verificationUriComplete ?? verificationUri);
  const qr = errColumns === undefined ? [] : renderUnicodeCompact(link, { border: 1 }).split('\n');
  const fits = qr.length > 0 && (qr[0]?.length ?? 0) + 4 <= (errColumns ?? 0);
  err(`Log in to ${issuer}\n\n`);
  if (fits) err(`${qr.map((line) => `  ${line}`).join('\n')}\n\n`);
  err(`  Link  ${link}\n  Code  ${clean(userCode)}\n\n`);
  err(
    `${isOpened ? 'Your browser opens the link.' : 'Open the link in a browser.'} Check that the page shows the same code.\n`,
  );
  return errColumns === undefined ? waitQuietly(err) : countDown(err, errColumns, expiresAt);
}

/** What the person sees until the login is decided. */
export interface Waiting {
  /** Says that the server did not respond. */
  trouble(): void;
  done(): void;
}

function waitQuietly(err: Terminal['err']): Waiting {
  err('Waiting for the approval.\n');
  return { trouble: () => {}, done: () => {} };
}

function countDown(err: Terminal['err'], columns: number, expiresAt: number): Waiting {
  let hasTrouble = false;
  const draw = () => {
    const left = Math.max(0, Math.round((expiresAt - Date.now()) / 1000));
    const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
    const text = hasTrouble
      ? 'No response from the server; trying again.'
      : 'Waiting for the approval.';
    // A narrow window cuts the end.
    err(`\r${`${time} left. ${text}`.slice(0, columns - 1)}\u001b[K`);
  };
  draw();
  const timer = setInterval(draw, 1000);
  return {
    trouble: () => {
      hasTrouble = true;
    },
    done: () => {
      clearInterval(timer);
      err('\r\u001b[K');
    },
  };
}
