/** THE JWK SET (RFC 7517 §5): the public keys that verifiers can need. */
import type { Provider } from 'oidc-provider';
import { endpoints } from '../oauth/paths.ts';

/** Milliseconds to wait for the algorithms in use; after that the last known ones apply. */
const patience = 1_000;

/**
 * Leaves keys out of the JWK Set whose algorithm is not in use, and sets how many seconds a verifier can cache it. Key
 * rotation waits as long. The first token of an algorithm can meet a verifier that has cached the set without its key:
 * verifiers fetch the set again for a `kid` that they do not know.
 */
export function publishKeys(
  provider: Provider,
  {
    maxAge,
    algorithmsInUse,
  }: {
    maxAge: number;
    /** Reads the algorithms that tokens are signed with. */
    algorithmsInUse: () => Promise<ReadonlySet<string>>;
  },
): void {
  let known: ReadonlySet<string> | undefined;
  const current = async (): Promise<ReadonlySet<string> | undefined> => {
    const reading = algorithmsInUse().then((found) => {
      known = found;
    });
    // If the database cannot be asked, verifiers get the set that they got before.
    await Promise.race([reading, timeout(patience)]).catch(() => {});
    return known;
  };

  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path !== endpoints.jwks || ctx.status !== 200) return;
    const used = await current();
    const { keys } = ctx.body as { keys: { alg?: string }[] };
    ctx.body = { keys: keys.filter(({ alg }) => used?.has(String(alg)) ?? true) };
    ctx.type = 'application/jwk-set+json; charset=utf-8';
    ctx.set('Cache-Control', `public, max-age=${maxAge}`);
  });
}

const timeout = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
