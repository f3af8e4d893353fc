/** Client certificates (RFC 8705): authorities that expire, a proxy that is not trusted, and clients that can no longer authenticate. */
import type { X509Certificate } from 'node:crypto';
import { sql } from 'kysely';
import type { Connection } from '../../db/schema.ts';
import { type Check, failed, ok, warning } from './check.ts';

export interface CertificateState {
  /** Whether CLIENT_CERTIFICATE_HEADER is set. */
  isOn: boolean;
  authorities: readonly X509Certificate[];
  /** Whether a certificate came in a request that was not from a proxy. */
  sawUntrusted: () => boolean;
}

const soon = 30 * 86_400_000;

export async function diagnoseCertificates(
  kysely: Connection,
  { isOn, authorities, sawUntrusted }: CertificateState,
): Promise<Check[]> {
  const name = 'client certificates';
  if (!isOn) {
    const { rows } = await sql<{ client_id: string }>`
      select client_id from client where deleted_at is null and disabled_at is null
        and (metadata->>'token_endpoint_auth_method' in ('tls_client_auth', 'self_signed_tls_client_auth')
          or metadata->>'tls_client_certificate_bound_access_tokens' = 'true')
        order by client_id limit 10`.execute(kysely);
    return rows.length === 0
      ? [ok(name, 'Client certificates are off (CLIENT_CERTIFICATE_HEADER is unset).')]
      : [
          failed(
            name,
            `These clients get no tokens, because client certificates are off: ${rows.map(({ client_id: id }) => id).join(', ')}.`,
            'Set CLIENT_CERTIFICATE_HEADER and CLIENT_CERTIFICATE_PROXIES.',
          ),
        ];
  }
  const ending = authorities.filter(({ validToDate }) => validToDate.getTime() < Date.now() + soon);
  if (ending.length > 0)
    return [
      warning(
        name,
        `Authorities of clients expire: ${ending.map(({ subject, validToDate }) => `${subject.replaceAll('\n', ', ')} on ${validToDate.toISOString().slice(0, 10)}`).join('; ')}.`,
        'Add their successors to CLIENT_CERTIFICATE_AUTHORITIES, and restart the server.',
      ),
    ];
  return [
    sawUntrusted()
      ? warning(
          name,
          'A request had a client certificate in its header, but came from an address that is not in CLIENT_CERTIFICATE_PROXIES. The certificate was ignored.',
          'If it was your proxy, add its address. Otherwise a caller tried to pass for a client; the log has the address.',
        )
      : ok(
          name,
          authorities.length > 0
            ? `Certificates of ${authorities.length} ${authorities.length === 1 ? 'authority' : 'authorities'}, and registered ones, are accepted.`
            : 'Registered certificates are accepted.',
        ),
  ];
}
