import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The URL parameters that name files, with a name for people and a parser that throws. */
const kinds: Record<string, { called: string; read: (text: string) => unknown }> = {
  sslrootcert: { called: 'certificates (PEM)', read: (text) => new X509Certificate(text) },
  sslcert: { called: 'a certificate (PEM)', read: (text) => new X509Certificate(text) },
  sslkey: { called: 'a private key (PEM)', read: (text) => createPrivateKey(text) },
};

/**
 * Reads the TLS files that a Postgres URL names, before anything connects. Throws an error with the parameter, the file
 * and the problem; the driver would only report a broken connection.
 */
export function requireTlsFiles(url: string): void {
  if (!URL.canParse(url)) return;
  const { searchParams } = new URL(url);
  for (const [parameter, { called, read }] of Object.entries(kinds)) {
    const file = searchParams.get(parameter);
    if (!file || file === 'system') continue;
    const broken = (problem: string, cause: unknown) =>
      new Error(
        `DATABASE_URL: ${parameter} names ${file}, which ${problem}. Set it to the path of a complete file.`,
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
      throw broken(`does not contain ${called}`, cause);
    }
  }
}
