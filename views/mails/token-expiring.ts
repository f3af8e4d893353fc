import { inWords } from '../components/time.ts';
import { type MailProps, quoted } from './mail.ts';
import { factsOf, type TokenFacts } from './token-created.ts';

export interface TokenExpiringProps {
  to: string;
  token: TokenFacts & { expiresAt: Date };
  now: Date;
}

/** A personal access token of the recipient expires soon. */
export function tokenExpiring({ to, token, now }: TokenExpiringProps): MailProps {
  const days = Math.ceil((token.expiresAt.getTime() - now.getTime()) / 86_400_000);
  const soon = days > 1 ? `in ${days} days` : 'within a day';
  return {
    subject: `Your personal access token ${quoted(token.name)} expires ${soon}`,
    to,
    opening: `Your personal access token expires ${soon}, on ${inWords(token.expiresAt)}. Programs that use it are refused from then on.`,
    facts: factsOf(token),
    advice: [
      'If you still need it, regenerate it or move its expiry. Otherwise you can ignore this email.',
    ],
    links: [{ label: 'Review your tokens', path: '/account/tokens' }],
  };
}
