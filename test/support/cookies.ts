/**
 * Attributes of a `Set-Cookie` header, sorted, without `Expires`, in lower case: their case has no meaning (RFC
 * 6265 §5.2).
 */
export const attributesOf = (cookie: string): string[] =>
  cookie
    .toLowerCase()
    .split('; ')
    .slice(1)
    .filter((attribute) => !attribute.startsWith('expires='))
    .sort();
