import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { type Check, failed, ok, warning } from '../../boot/check.ts';

/** A certificate that is renewed automatically is renewed earlier than this many days before it expires. */
const enough = 14;

const renew = 'Renew it; if that happens automatically, find out why it did not.';

/** When the certificate of an https origin expires. No check if it cannot be read: other checks say why. */
export async function checkCertificate(origin: string, now: Date): Promise<Check[]> {
  const end = await expiryOfCertificate(new URL(origin));
  if (!end) return [];
  const days = Math.floor((end.getTime() - now.getTime()) / 86_400_000);
  const day = end.toISOString().slice(0, 10);
  if (days < 0) return [failed('certificate', `Its TLS certificate expired on ${day}.`, renew)];
  return [
    days < enough
      ? warning('certificate', `Its TLS certificate expires in ${days} days, on ${day}.`, renew)
      : ok('certificate', `Its TLS certificate expires in ${days} days.`),
  ];
}

/** Reads only the date, so an untrusted certificate will do. */
async function expiryOfCertificate({ hostname, port }: URL): Promise<Date | undefined> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connect({
    host,
    port: Number(port || 443),
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: false,
  });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(10_000) });
    const end = new Date(socket.getPeerCertificate().valid_to);
    return Number.isNaN(end.getTime()) ? undefined : end;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}
