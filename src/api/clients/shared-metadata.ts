/** The metadata that clients of apps have as well: what makes a client strict, and how people sign in to it. */
import * as z from 'zod';
import { agentLimits } from '../../domain/clients/agents.ts';
import { clientProfiles } from '../../domain/clients/profiles.ts';
import { signingAlgs } from '../../domain/keys/signing-keys.ts';
import { distinct, shownText, text } from '../framework/input.ts';
import { count } from '../framework/schemas.ts';

/** What makes a client strict (docs/strict-clients.md). */
export const strictMetadata = {
  profile: z.enum(clientProfiles).meta({
    description:
      'A security profile. `fapi2` sets everything that the FAPI 2.0 Security Profile requires of a client, and refuses what contradicts it: `private_key_jwt` or a client certificate, pushed requests, PKCE, tokens that are bound to a DPoP key or a certificate, PS256, ES256 or EdDSA. Setting it revokes all tokens of the client. Null removes the profile: what it has set stays.',
  }),
  jwks: z
    .looseObject({ keys: z.array(z.looseObject({})).max(20) })
    .meta({ description: 'The public keys of the client (RFC 7517 §5), for `private_key_jwt`.' }),
  require_pushed_authorization_requests: z.boolean().meta({
    description:
      'Whether authorization requests must be pushed (RFC 9126 §6); others get `invalid_request`. Default: false.',
  }),
  dpop_bound_access_tokens: z.boolean().meta({
    description:
      'Whether every token request needs a DPoP proof (RFC 9449 §5.2), so all access tokens are bound to a key. Default: false; a request with a proof gets a bound token in either case. Setting it revokes all tokens of the client.',
  }),
};

/** How people sign in to a client. */
export const signInMetadata = {
  optional_scopes: distinct(text(200), 50).meta({
    description:
      'The scopes that a person can untick when they allow the client. The token response says which ones were granted. `openid` cannot be optional.',
    examples: [['email']],
  }),
  default_max_age: count.min(1).meta({
    description:
      'The `max_age` of authorization requests without one, in seconds: an older sign-in is repeated (OpenID Connect Dynamic Client Registration §2). The requests must have the scope `openid`.',
  }),
  require_auth_time: z.boolean().meta({
    description:
      'Whether every ID token of the client must have `auth_time` (OpenID Connect Dynamic Client Registration §2). The requests must have the scope `openid`. Default: false.',
  }),
  require_second_factor: z.boolean().meta({
    description:
      'Whether people must prove a second factor to sign in to the client, in a browser or on the page of a device. A person who has none sets one up first. Default: false.',
  }),
  claims_in_id_token: z.boolean().meta({
    description:
      'Whether ID tokens have the claims of the requested scopes, such as name and email. With `false` only the userinfo endpoint has them (OpenID Connect Core §5.4). Default: true.',
  }),
  userinfo_signed_response_alg: z.enum(signingAlgs).meta({
    description:
      'If set, the userinfo endpoint responds with a JWT that is signed with this algorithm (OpenID Connect Dynamic Client Registration §2). Default: JSON.',
  }),
};

/** A field that can be null, with what that means, and anything else that only clients of apps have. */
export const nullable = <Field extends z.ZodType>(field: Field, more: string) =>
  field.nullable().meta({ description: `${field.description ?? ''} ${more}` });

const perHour = count.min(1).max(agentLimits.perHour);

const time = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/);

/** The limits of an agent, which the token endpoint enforces. */
export const agentLimitsSchema = {
  requests_per_hour: perHour.optional().meta({
    description: 'Token requests in an hour, refused ones included; more get 429.',
  }),
  tokens_per_hour: perHour.optional().meta({
    description: 'Access tokens in an hour; a request for more gets 429.',
  }),
  hours: z
    .strictObject({ from: time, to: time, time_zone: text(64) })
    .optional()
    .meta({
      description:
        'The part of each day in which it gets tokens, over midnight if `from` is later than `to`; requests at other times get `access_denied`.',
      examples: [{ from: '08:00', to: '18:00', time_zone: 'Europe/Berlin' }],
    }),
};

/** What makes a client an agent. */
export const agentSchema = z
  .strictObject({
    purpose: shownText(agentLimits.purpose).meta({
      description: 'A sentence that says what it is for. People read it.',
      examples: ['Sorts incoming invoices.'],
    }),
    owner: text(36).optional().meta({
      description: 'The account of the person who answers for it.',
    }),
    ...agentLimitsSchema,
  })
  .meta({
    id: 'Agent',
    description:
      'Makes the client an agent: a program that acts for people, within limits of its own (docs/agents.md).',
  });
