import type { html } from 'hono/html';

/** A piece of a page. Templates escape the strings put into them, and leave pieces as they are. */
export type Html = ReturnType<typeof html>;
