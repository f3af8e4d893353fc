import { doneAt, ignoreIfYou, type MailProps, quoted, whenOrNever } from './mail.ts';

export interface TokenCreatedProps {
  to: string;
  token: TokenFacts;
  createdAt: Date;
  /** The IP address of the browser or program. */
  ip: string | null;
}

/** What an email says about a token. */
export interface TokenFacts {
  name: string;
  /** The name of the API that it is for. */
  resource: string;
  scope: string[];
  expiresAt: Date | null;
}

/** The recipient has a new personal access token. */
export const tokenCreated = ({ to, token, createdAt, ip }: TokenCreatedProps): MailProps => ({
  subject: `A new personal access token: ${quoted(token.name)}`,
  to,
  opening: 'A personal access token was created for your account.',
  facts: [...factsOf(token), ...doneAt('Created', createdAt, ip)],
  advice: [
    ignoreIfYou,
    'Otherwise revoke the token and change your password now: someone else has access to your account.',
  ],
  links: [
    { label: 'Review your tokens', path: '/account/tokens' },
    { label: 'Change your password', path: '/account/password' },
  ],
});

export const factsOf = ({ name, resource, scope, expiresAt }: TokenFacts): [string, string][] => [
  ['Name', name],
  ['API', resource],
  ['Scopes', scope.join(', ') || 'none'],
  ['Expires', whenOrNever(expiresAt)],
];
