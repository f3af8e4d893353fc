import { createTransport } from 'nodemailer';
import { isLoopback } from '../../../config/loopback.ts';
import { mailDelivery } from '../../../config/mails.ts';
import type { Mailbox } from '../../../config/settings.ts';
import { type MailTransport, NotSent } from './transport.ts';

/** Error codes of nodemailer for a refusal of one email: the server would accept others. */
const refusedEmail = ['EENVELOPE', 'EMESSAGE'];

/** An SMTP client (RFC 5321) of the server in `SMTP_URL`, with a connection for each email. */
export function openSmtp(url: string, from: Required<Mailbox>): MailTransport {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const milliseconds = mailDelivery.maxDuration * 1000;
  const connect = (timeout: number) =>
    createTransport({
      host: hostname.replace(/^\[|\]$/g, ''),
      ...(port && { port: Number(port) }),
      secure,
      // With opportunistic TLS, an attacker who strips the offer gets the password (RFC 8314 §3.2).
      requireTLS: !secure && username !== '' && !isLoopback(hostname),
      ...(username && {
        auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
      }),
      connectionTimeout: timeout,
      greetingTimeout: timeout,
      socketTimeout: timeout,
      dnsTimeout: timeout,
      socketCloseTimeout: 0,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  const transport = connect(milliseconds);

  return {
    async send({ id, to, subject, text, html }, signal) {
      try {
        await transport.sendMail({
          from,
          to: { name: '', address: to },
          subject,
          text,
          html,
          messageId: `<${id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`,
          // RFC 3834 §5: no automatic replies.
          headers: { 'Auto-Submitted': 'auto-generated' },
          xMailer: false,
          signal,
        });
      } catch (error) {
        const { code = '' } = error as { code?: string };
        throw new NotSent(error, !refusedEmail.includes(code));
      }
    },

    async verify(timeout) {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(
        () => reject(new Error(`it did not respond within ${timeout / 1000} s`)),
        timeout,
      );
      try {
        await Promise.race([connect(timeout).verify(), late]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
