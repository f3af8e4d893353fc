import { inWords } from '../components/time.ts';
import { type MailProps, quoted } from './mail.ts';
import { factsOf, type TokenFacts } from './token-created.ts';

export interface TokenExpiringProps {
  to: string;
  token: TokenFacts & { expiresAt: Date };
  now: Date;
}

/** That a personal access token is about to end. */
export function tokenExpiring({ to, token, now }: TokenExpiringProps): MailProps {
  const days = Math.ceil((token.expiresAt.getTime() - now.getTime()) / 86_400_000);
  const soon = days > 1 ? `in ${days} days` : 'within a day';
  return {
    subject: `Your personal access token ${quoted(token.name)} ends ${soon}`,
    to,
    opening: `A personal access token of yours ends ${soon}, on ${inWords(token.expiresAt)}. What uses it is refused from then on.`,
    facts: factsOf(token),
    advice: [
      'If you still need it, give it a new value or a later end. If you do not, there is nothing to do.',
    ],
    links: [{ label: 'Your tokens', path: '/account/tokens' }],
  };
}
