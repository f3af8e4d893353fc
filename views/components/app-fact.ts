import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';

/** The app of a client that people created: anyone can choose the name of a client. */
export const appFact = ({ brand }: Frame, app: string | null | undefined): [string, Html][] =>
  app
    ? [
        [
          'App',
          html`<bdi>${app}</bdi> <span class="aside">created by its developers, not by ${brand.name}</span>`,
        ],
      ]
    : [];

/** The person who registered a client for others. People choose their own names. */
export const authorFact = ({ brand }: Frame, author: string | undefined): [string, Html][] =>
  author
    ? [
        [
          'Author',
          html`<bdi>${author}</bdi> <span class="aside">who registered this app, not ${brand.name}</span>`,
        ],
      ]
    : [];
