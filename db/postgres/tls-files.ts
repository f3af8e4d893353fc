import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The parameters of a URL that name files, and what throws where a text is not such a thing. */
const kinds: Record<string, { called: string; read: (text: string) => unknown }> = {
  sslrootcert: { called: 'certificates (PEM)', read: (text) => new X509Certificate(text) },
  sslcert: { called: 'a certificate (PEM)', read: (text) => new X509Certificate(text) },
  sslkey: { called: 'a private key (PEM)', read: (text) => createPrivateKey(text) },
};

/**
 * Reads the files that the URL of a Postgres names for TLS, once before anything connects. Throws an error that names
 * the parameter, the file and what is wrong: the driver would tell of a connection that breaks.
 */
export function requireTlsFiles(url: string): void {
  if (!URL.canParse(url)) return;
  const { searchParams } = new URL(url);
  for (const [parameter, { called, read }] of Object.entries(kinds)) {
    const file = searchParams.get(parameter);
    if (!file || file === 'system') continue;
    const broken = (problem: string, cause: unknown) =>
      new Error(
        `DATABASE_URL: ${parameter} names ${file}, which ${problem}. Give the path of a whole file.`,
        {
          cause,
        },
      );
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (cause) {
      throw broken(`cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause);
    }
    try {
      read(text);
    } catch (cause) {
      throw broken(`does not hold ${called}`, cause);
    }
  }
}
