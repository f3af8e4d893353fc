import type { Mailbox } from '../../../config/settings.ts';
import type { WrittenMail } from '../../../views/mails/mail.ts';

export interface OutgoingMail extends WrittenMail {
  /** What makes its Message-ID: whoever gets a mail twice sees that it is one (RFC 5322 §3.6.4). */
  id: string;
  to: string;
}

/** A mail that could not be given to the server. */
export class NotSent extends Error {
  /** Whether the server takes nothing at the moment; else it refused this one mail. */
  readonly serverAway: boolean;

  constructor(cause: unknown, serverAway: boolean) {
    super('the mail server did not take a mail', { cause });
    this.name = 'NotSent';
    this.serverAway = serverAway;
  }
}

/** The server that takes mails. */
export interface MailTransport {
  /** Resolves once the server has taken it. Throws NotSent. `signal` breaks the connection. */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<void>;
  /** Signs in, and sends nothing. Throws where that cannot be done in these milliseconds. */
  verify(milliseconds: number): Promise<void>;
}

/** Whom mails come from: what the settings say, and the issuer's host and the brand where they say nothing. */
export function senderOf({
  MAIL_FROM,
  BRAND_NAME,
  issuer,
}: {
  MAIL_FROM?: Mailbox | undefined;
  BRAND_NAME: string;
  issuer: string;
}): Required<Mailbox> {
  const { hostname } = new URL(issuer);
  // An address in the place of a name stands in brackets (RFC 5321 §4.1.3).
  const host = /^[\d.]+$/.test(hostname) ? `[${hostname}]` : hostname.replace('[', '[IPv6:');
  return { name: BRAND_NAME, ...(MAIL_FROM ?? { address: `no-reply@${host}` }) };
}
