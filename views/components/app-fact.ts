import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';

interface Published {
  /** The app that the client belongs to, if a person created it. */
  app?: string | null | undefined;
  /** The person who registered the client, or who owns its app. */
  developer?: string | undefined;
  /** How a client registered itself, and what its document calls it. */
  selfRegistered?:
    | { by: 'document' | 'registration'; calledItself?: string | undefined }
    | undefined;
}

/**
 * Who published a client that people created: its developer, otherwise its app. Anyone can choose both names, and that
 * of the client; nothing is shown for a client of the operator. A client that registered itself is said to have done so.
 */
export function developerFact(
  { brand, messages }: Frame,
  { app, developer, selfRegistered }: Published,
): [string, Html][] {
  const said = messages.app;
  const unverified = html`<span class="aside">${said.notVerified(brand.name)}</span>`;
  const name = developer || app;
  if (name)
    return [[developer ? said.developer : said.app, html`<bdi>${name}</bdi> ${unverified}`]];
  if (!selfRegistered) return [];
  const { by, calledItself } = selfRegistered;
  if (by === 'registration') return [[said.registered, html`${said.byItself} ${unverified}`]];
  return [[said.callsItself, html`<bdi>${calledItself ?? '–'}</bdi> ${unverified}`]];
}
