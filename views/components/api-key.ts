import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { type AppShown, type ClientShown, clientPath } from './app.ts';
import { codeBlock } from './code-block.ts';
import { type CodePanel, codeTabs } from './code-tabs.ts';
import type { TokenShown } from './token.ts';

/** What a backend does with an API key (`src/web/apps/snippets`). */
export interface ApiKeySnippets {
  /** Keeps the key as `$API_KEY`, which everything else reads. */
  key: string;
  curl: {
    /** Creates a token for a user, and keeps it as `$TOKEN`. */
    create: string;
    /** Calls the example API with it, if this server has one that is open to apps. */
    use?: string | undefined;
    /** Lists the tokens of that user. */
    list: string;
    /** Revokes them. */
    revoke: string;
  };
  node: string;
  python: string;
  go: string;
}

/** The path of the API keys of a client. */
export const apiKeysPath = (
  app: Pick<AppShown, 'name'>,
  client: Pick<ClientShown, 'name'>,
): string => clientPath(app, client, '/api-keys');

/** The path of a page of an API key. */
export const apiKeyPath = (
  app: Pick<AppShown, 'name'>,
  client: Pick<ClientShown, 'name'>,
  { id }: { id: string },
  rest = '',
): string => `${apiKeysPath(app, client)}/${encodeURIComponent(id)}${rest}`;

/** Whether a key can create tokens, or only read them. */
export const createsTokens = ({ scopes }: Pick<TokenShown, 'scopes'>): boolean =>
  scopes.some(({ name }) => name === 'tokens:write');

/** What a key allows, in a few words. */
export function keyAccess(key: Pick<TokenShown, 'scopes'>): string {
  if (!createsTokens(key)) return 'Read tokens';
  return key.scopes.length > 1
    ? 'Create, read, change and revoke tokens'
    : 'Create, change and revoke tokens';
}

/** Code that uses a key, as far as the key allows it. */
export function apiKeySteps(key: Pick<TokenShown, 'scopes'>, snippets: ApiKeySnippets): Html {
  const { curl, node, python, go } = snippets;
  const list = codeBlock('Terminal: list the active tokens of user 42', curl.list, 'list');
  const keep = codeBlock('Terminal: the key', snippets.key, 'key');
  if (!createsTokens(key)) return html`${keep}${list}`;
  const panels: CodePanel[] = [
    {
      language: 'curl',
      content: html`${codeBlock('Terminal: create a token for user 42', curl.create, 'create')}
        ${curl.use && codeBlock('Terminal: call the API with it', curl.use, 'use')}
        ${list}
        ${codeBlock('Terminal: revoke them all', curl.revoke, 'revoke')}`,
    },
    {
      language: 'node',
      content: html`${codeBlock('tokens.mjs', node, 'node')}
        <p class="sub">Run <code>node tokens.mjs</code>.</p>`,
    },
    {
      language: 'python',
      content: html`${codeBlock('tokens.py', python, 'python')}
        <p class="sub">Run <code>pip install requests</code>, then <code>python3 tokens.py</code>.</p>`,
    },
    {
      language: 'go',
      content: html`${codeBlock('main.go', go, 'go')}
        <p class="sub">Run <code>go run main.go</code>.</p>`,
    },
  ];
  return html`${keep}${codeTabs('use-key', panels)}`;
}
