/**
 * WHAT A TOKEN COMES FROM: a token of token exchange (RFC 8693) names the tokens, grants and trusted issuers that it was created
 * from, all the way back. It is active only while each of them is, and what the subject tokens allow limits it. The names are part of
 * its row, so other tokens pay nothing for this.
 */
import { parsePublicId, publicId, type TokenId } from './value.ts';

/** What another token comes from. */
export type Source =
  /** `limits`: a subject token, whose rights are a limit; an actor token is only a condition. */
  | { token: TokenId; limits: boolean }
  | { grant: string }
  /** The generation of a trusted issuer, and its ID, which only explains. */
  | { issuer: string; issuerId?: string | undefined };

/** How sources are stored, in the payload of a token. */
type StoredSource = { t: string; l?: true } | { g: string } | { i: string; n?: string };

/** What a source is called, in `sources` of a JWT and in the change feed. */
export function nameOfSource(source: Source): string {
  if ('grant' in source) return source.grant;
  return 'issuer' in source ? source.issuer : publicId(source.token);
}

/** The payload member of a token with its sources. */
export const toStoredSources = (sources: readonly Source[]): StoredSource[] =>
  sources.map((source) => {
    if ('grant' in source) return { g: source.grant };
    if ('issuer' in source)
      return { i: source.issuer, ...(source.issuerId && { n: source.issuerId }) };
    return { t: publicId(source.token), ...(source.limits && { l: true }) };
  });

/** The sources of a token with this payload; none for tokens that were not exchanged. */
export function sourcesOf(payload: Record<string, unknown> | null): Source[] {
  const stored = payload?.['sources'] as StoredSource[] | undefined;
  return (stored ?? []).flatMap((source): Source[] => {
    if ('g' in source) return [{ grant: source.g }];
    if ('i' in source) return [{ issuer: source.i, issuerId: source.n }];
    const token = parsePublicId(source.t);
    return token ? [{ token, limits: source.l === true }] : [];
  });
}

/** Without those that occur twice; one that limits in one place does. */
export function distinctSources(sources: readonly Source[]): Source[] {
  const found = new Map<string, Source>();
  for (const source of sources) {
    const name = nameOfSource(source);
    const known = found.get(name);
    if (!known || ('limits' in source && source.limits)) found.set(name, source);
  }
  return [...found.values()];
}
