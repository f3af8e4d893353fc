/** The metadata that clients of apps have as well: what makes a client strict, and how people sign in to it. */
import * as z from 'zod';
import { clientProfiles } from '../../domain/clients/profiles.ts';
import { signingAlgs } from '../../domain/keys/signing-keys.ts';
import { distinct, text } from '../framework/input.ts';
import { count } from '../framework/schemas.ts';

/** What makes a client strict (docs/strict-clients.md). */
export const strictMetadata = {
  profile: z.enum(clientProfiles).meta({
    description:
      'A security profile. `fapi2` sets everything that the FAPI 2.0 Security Profile requires of a client, and refuses what contradicts it: `private_key_jwt`, pushed requests, PKCE, DPoP-bound tokens, PS256, ES256 or EdDSA. Setting it revokes all tokens of the client. Null removes the profile: what it has set stays.',
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
