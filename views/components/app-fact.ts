import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';

interface Published {
  /** The app that the client belongs to, if a person created it. */
  app?: string | null | undefined;
  /** The person who registered the client, or who owns its app. */
  developer?: string | undefined;
}

/**
 * Who published a client that people created: its developer, otherwise its app. Anyone can choose both names, and that
 * of the client; nothing is shown for a client of the operator.
 */
export function developerFact(
  { brand, messages }: Frame,
  { app, developer }: Published,
): [string, Html][] {
  const name = developer || app;
  if (!name) return [];
  return [
    [
      developer ? messages.app.developer : messages.app.app,
      html`<bdi>${name}</bdi> <span class="aside">${messages.app.notVerified(brand.name)}</span>`,
    ],
  ];
}
