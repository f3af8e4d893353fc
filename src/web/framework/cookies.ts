import type { Context } from 'koa';

/** What pages keep in a browser. On https each has the prefix that no other host of the domain can set (RFC 6265bis §4.1.3.2). */
export type CookieName = 'session' | 'csrf' | 'known';

/** How long a browser stays known for the account that signed in on it, in seconds. */
const knownFor = 400 * 86_400;

/**
 * Reads and sets the cookies of pages, for an issuer on https or on the loopback interface. The issuer
 * says which: Koa's own would go by the request, and refuse where a proxy does not tell of its TLS.
 */
export function createCookies(issuer: string) {
  const secure = issuer.startsWith('https:');
  const nameOf = (name: CookieName) => `${secure ? '__Host-' : ''}writ_${name}`;
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;

  const append = (ctx: Context, text: string) => ctx.append('Set-Cookie', text);

  return {
    get(ctx: Context, name: CookieName): string | undefined {
      const wanted = nameOf(name);
      for (const pair of ctx.get('cookie').split(';')) {
        const [key, value] = pair.trim().split('=', 2);
        if (key === wanted && value && /^[\w.~-]{1,500}$/.test(value)) return value;
      }
      return undefined;
    },
    /** All but `known` end with the browser. */
    set(ctx: Context, name: CookieName, value: string): void {
      const kept = name === 'known' ? `; Max-Age=${knownFor}` : '';
      append(ctx, `${nameOf(name)}=${value}; ${attributes}${kept}`);
    },
    clear: (ctx: Context, name: CookieName): void =>
      append(ctx, `${nameOf(name)}=; ${attributes}; Max-Age=0`),
  };
}

export type Cookies = ReturnType<typeof createCookies>;
