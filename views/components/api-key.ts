import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { type AppShown, type ClientShown, clientPath } from './app.ts';
import { codeBlock } from './code-block.ts';
import type { TokenShown } from './token.ts';

/** What a backend does with its API key, as it runs (`src/web/apps/snippets.ts`). */
export interface ApiKeySnippets {
  /** Makes a token for a user of its own, and keeps it as `$TOKEN`. */
  make: string;
  /** Calls the example API with it, where this server has one that is open. */
  use?: string | undefined;
  /** Shows what tokens that user has. */
  list: string;
  /** Ends them. */
  end: string;
}

/** The path of the API keys of a client. */
export const apiKeysPath = (
  app: Pick<AppShown, 'name'>,
  client: Pick<ClientShown, 'name'>,
): string => clientPath(app, client, '/api-keys');

/** The path of one of them. */
export const apiKeyPath = (
  app: Pick<AppShown, 'name'>,
  client: Pick<ClientShown, 'name'>,
  { id }: { id: string },
  rest = '',
): string => `${apiKeysPath(app, client)}/${encodeURIComponent(id)}${rest}`;

/** Whether a key makes tokens, or only sees them. */
export const makesTokens = ({ scopes }: Pick<TokenShown, 'scopes'>): boolean =>
  scopes.some(({ name }) => name === 'tokens:write');

/** What a key lets a program do. */
export function mayDo(key: Pick<TokenShown, 'scopes'>): string {
  if (!makesTokens(key)) return 'See tokens';
  return key.scopes.length > 1 ? 'Make, see, change and end tokens' : 'Make, change and end tokens';
}

/** What is copied to try a key, each piece after the one before. */
export function apiKeySteps(
  key: Pick<TokenShown, 'scopes'>,
  { make, use, list, end }: ApiKeySnippets,
): Html {
  if (!makesTokens(key)) return codeBlock('curl: see the tokens of user 42', list, 'list');
  return html`${codeBlock('curl: make a token for user 42', make, 'make')}
    ${use && codeBlock('curl: call the API with it', use, 'use')}
    ${codeBlock('curl: see the tokens of user 42', list, 'list')}
    ${codeBlock('curl: end them all', end, 'end')}`;
}
