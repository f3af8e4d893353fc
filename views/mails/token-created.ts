import { inWords } from '../components/time.ts';
import { type MailProps, quoted, whenOrNever } from './mail.ts';

export interface TokenCreatedProps {
  to: string;
  token: TokenFacts;
  createdAt: Date;
  /** The address that it was made from. */
  ip: string | null;
}

/** What a mail tells of a token. */
export interface TokenFacts {
  name: string;
  /** What its resource is called. */
  resource: string;
  scope: string[];
  expiresAt: Date | null;
}

/** That somebody has a new personal access token. */
export const tokenCreated = ({ to, token, createdAt, ip }: TokenCreatedProps): MailProps => ({
  subject: `A new personal access token: ${quoted(token.name)}`,
  to,
  opening: 'A personal access token was made for your account.',
  facts: [
    ...factsOf(token),
    ['Made', inWords(createdAt)],
    ...(ip ? [['From the address', ip] as [string, string]] : []),
  ],
  advice: [
    'If that was you, there is nothing to do.',
    'If it was not you, revoke the token and change your password now: somebody else is in your account.',
  ],
  links: [
    { label: 'Your tokens', path: '/account/tokens' },
    { label: 'Your password', path: '/account/password' },
  ],
});

export const factsOf = ({ name, resource, scope, expiresAt }: TokenFacts): [string, string][] => [
  ['Name', name],
  ['For', resource],
  ['Scopes', scope.join(', ') || 'none'],
  ['Ends', whenOrNever(expiresAt)],
];
