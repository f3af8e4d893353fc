import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Settings } from '../../config/settings.ts';
import { SettingsError } from '../../config/settings-error.ts';

/** The authorities of CLIENT_CERTIFICATE_AUTHORITIES; none without it. Throws SettingsError if the file has none. */
export async function loadCertificateAuthorities({
  CLIENT_CERTIFICATE_AUTHORITIES: file,
}: Pick<Settings, 'CLIENT_CERTIFICATE_AUTHORITIES'>): Promise<X509Certificate[]> {
  if (!file) return [];
  const refused = (problem: string) =>
    new SettingsError([`CLIENT_CERTIFICATE_AUTHORITIES: ${file} ${problem}`]);
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw refused(`cannot be read (${cause.code})`);
  });
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) throw refused('has no certificate in PEM format');
  return found.map((pem, index) => {
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(pem);
    } catch {
      throw refused(`has a certificate that cannot be read: number ${index + 1}`);
    }
    if (!certificate.ca)
      throw refused(`has a certificate that is not one of an authority: number ${index + 1}`);
    return certificate;
  });
}
