import type { Mailbox } from '../../../config/settings.ts';
import type { WrittenMail } from '../../../views/mails/mail.ts';

export interface OutgoingMail extends WrittenMail {
  /** The left part of its Message-ID: mail clients recognize an email that is sent twice (RFC 5322 §3.6.4). */
  id: string;
  to: string;
}

/** An email that the mail server did not accept. */
export class NotSent extends Error {
  /** Whether the server accepts nothing at the moment; otherwise it refused this one email. */
  readonly serverUnreachable: boolean;

  constructor(cause: unknown, serverUnreachable: boolean) {
    super('the mail server did not accept an email', { cause });
    this.name = 'NotSent';
    this.serverUnreachable = serverUnreachable;
  }
}

/** The connection to the mail server. */
export interface MailTransport {
  /** Resolves once the server has accepted the email. Throws NotSent. `signal` closes the connection. */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<void>;
  /** Signs in without sending anything. Throws if that fails, or takes longer than `milliseconds`. */
  verify(milliseconds: number): Promise<void>;
}

/** The sender of emails: MAIL_FROM, with the host of the issuer and the brand as defaults. */
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
  // An IP address in place of a host name needs brackets (RFC 5321 §4.1.3).
  const host = /^[\d.]+$/.test(hostname) ? `[${hostname}]` : hostname.replace('[', '[IPv6:');
  return { name: BRAND_NAME, ...(MAIL_FROM ?? { address: `no-reply@${host}` }) };
}
