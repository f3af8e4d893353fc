import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';

/** Whose a client is, where people made it themselves: its name alone could be anybody's. */
export const appFact = ({ brand }: Frame, app: string | null | undefined): [string, Html][] =>
  app
    ? [
        [
          'App',
          html`<bdi>${app}</bdi> <span class="aside">made by its developers, not by ${brand.name}</span>`,
        ],
      ]
    : [];

/** The person who registered a client for others to use: people write their names as they like. */
export const authorFact = ({ brand }: Frame, author: string | undefined): [string, Html][] =>
  author
    ? [
        [
          'Author',
          html`<bdi>${author}</bdi> <span class="aside">who made this app, not ${brand.name}</span>`,
        ],
      ]
    : [];
