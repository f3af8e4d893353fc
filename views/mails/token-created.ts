import { doneAt, type MailProps, wasItYou, whenOrNever } from './mail.ts';

export interface TokenCreatedProps {
  to: string;
  token: TokenFacts;
  createdAt: Date;
  /** The IP address of the browser or program. */
  ip: string | null;
  /** Whom the person can ask for help: `contactOf`. */
  contact: string;
}

/** What an email says about a token. */
export interface TokenFacts {
  name: string;
  /** The name of the API that it is for. */
  resource: string;
  /** Its scopes, each with the sentence that explains it: `scopeInWords`. */
  scope: string[];
  expiresAt: Date | null;
}

/** The recipient has a new personal access token. */
export const tokenCreated = ({
  to,
  token,
  createdAt,
  ip,
  contact,
}: TokenCreatedProps): MailProps => ({
  subject: `A personal access token was created: ${token.name}`,
  to,
  opening: 'A personal access token was created for your account.',
  facts: [...factsOf(token), ...doneAt('Created', createdAt, ip)],
  advice: wasItYou('Revoke the token, change your password, and ', contact),
  links: [
    { label: 'Review your tokens', path: '/account/tokens' },
    { label: 'Change your password', path: '/account/password' },
  ],
});

/** A scope with the sentence that explains it, if there is one. */
export const scopeInWords = (name: string, description: string | undefined): string =>
  description ? `${description} (${name})` : name;

export const factsOf = ({ name, resource, scope, expiresAt }: TokenFacts): [string, string][] => [
  ['Name', name],
  ['API', resource],
  ['Scopes', scope.join('; ') || 'none'],
  ['Expires', whenOrNever(expiresAt)],
];
