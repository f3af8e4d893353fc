import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A mail as it reached the server, in the words of the one who sent it. */
export interface ReceivedMail {
  to: string;
  from: string;
  /** The whole message. */
  source: string;
  /** Each header by its name in small letters, unfolded and decoded. */
  headers: Record<string, string>;
  /** Both of its forms, decoded. */
  text: string;
  html: string;
}

/** A mail server on this machine, which keeps what it takes. */
export async function startSmtpServer({
  user,
  password,
}: {
  user?: string;
  password?: string;
} = {}) {
  const received: ReceivedMail[] = [];
  let logins = 0;
  /** What a recipient is refused with. */
  let refuse: ((to: string) => string | undefined) | undefined;
  const server = new SMTPServer({
    authOptional: user === undefined,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS', ...(user === undefined ? ['AUTH'] : [])],
    onAuth: (auth, _session, done) => {
      logins++;
      return auth.username === user && auth.password === password
        ? done(null, { user: auth.username })
        : done(new Error('wrong password'));
    },
    onRcptTo: ({ address }, _session, done) => {
      const refusal = refuse?.(address);
      done(refusal ? Object.assign(new Error(refusal), { responseCode: 550 }) : undefined);
    },
    onData: (stream, { envelope }, done) => {
      text(stream).then((source) => {
        received.push({
          to: envelope.rcptTo.map(({ address }) => address).join(),
          from: envelope.mailFrom ? envelope.mailFrom.address : '',
          source,
          ...read(source),
        });
        done();
      }, done);
    },
  });
  server.on('error', () => {});
  server.listen(0);
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    received,
    url: `smtp://127.0.0.1:${port}`,
    port,
    /** How often somebody sent a password. */
    logins: () => logins,
    refuseWith(refusal: typeof refuse) {
      refuse = refusal;
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function read(source: string): Pick<ReceivedMail, 'headers' | 'text' | 'html'> {
  const { headers, body } = split(source);
  const boundary = /boundary="([^"]+)"/.exec(headers['content-type'] ?? '')?.[1] ?? '';
  const forms = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => split(part.replace(/^\r\n/, '')));
  const form = (type: string) => {
    const part = forms.find((each) => each.headers['content-type']?.startsWith(type));
    return part ? decode(part.body, part.headers['content-transfer-encoding']) : '';
  };
  return { headers, text: form('text/plain'), html: form('text/html') };
}

function split(source: string): { headers: Record<string, string>; body: string } {
  const end = source.indexOf('\r\n\r\n');
  const lines = source
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = words(line.slice(colon + 1).trim());
  }
  return { headers, body: source.slice(end + 4) };
}

/** Encoded words of a header (RFC 2047 §2); those beside each other are one text. */
const words = (text: string): string =>
  text
    .replace(/\?= =\?/g, '?==?')
    .replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_all, encoding: string, encoded: string) =>
      decode(
        encoding.toLowerCase() === 'q' ? encoded.replaceAll('_', ' ') : encoded,
        encoding.toLowerCase() === 'q' ? 'quoted-printable' : 'base64',
      ),
    );

function decode(text: string, encoding = '7bit'): string {
  if (encoding === 'base64') return Buffer.from(text, 'base64').toString();
  if (encoding !== 'quoted-printable') return text;
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_all, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return Buffer.from(bytes, 'latin1').toString();
}
