import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { type Check, failed, ok, warning } from '../../boot/check.ts';

/** Days before its end at which a certificate should have been renewed by whatever does that. */
const enough = 14;

const renew = 'Renew it; where that happens by itself, look why it did not.';

/** When the certificate of an https origin ends. Nothing where none can be had: others say why. */
export async function checkCertificate(origin: string, now: Date): Promise<Check[]> {
  const end = await endOfCertificate(new URL(origin));
  if (!end) return [];
  const days = Math.floor((end.getTime() - now.getTime()) / 86_400_000);
  const day = end.toISOString().slice(0, 10);
  if (days < 0) return [failed('certificate', `Its TLS certificate ended on ${day}.`, renew)];
  return [
    days < enough
      ? warning('certificate', `Its TLS certificate ends in ${days} days, on ${day}.`, renew)
      : ok('certificate', `Its TLS certificate lasts for ${days} days more.`),
  ];
}

/** Only its date is read, so an untrusted one is taken too. */
async function endOfCertificate({ hostname, port }: URL): Promise<Date | undefined> {
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
