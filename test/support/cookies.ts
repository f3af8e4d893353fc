/**
 * The attributes of a `Set-Cookie` header, sorted, without `Expires`. In lower case: a browser reads them in
 * any (RFC 6265 §5.2).
 */
export const attributesOf = (cookie: string): string[] =>
  cookie
    .toLowerCase()
    .split('; ')
    .slice(1)
    .filter((attribute) => !attribute.startsWith('expires='))
    .sort();
