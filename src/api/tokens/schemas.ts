/** The schemas of tokens. */
import * as z from 'zod';
import { tokenLimits } from '../../../config/tokens.ts';
import { apiResource } from '../../domain/installation/installation.ts';
import { effectiveScope } from '../../domain/tokens/effective-scope.ts';
import { rightsOf } from '../../domain/tokens/entitlements.ts';
import { subjectType } from '../../domain/tokens/named/rules.ts';
import type { ShownToken } from '../../domain/tokens/named/types.ts';
import { publicId } from '../../domain/tokens/value.ts';
import {
  distinct,
  moment,
  resourceIdentifier,
  scope,
  shownText,
  text,
} from '../framework/input.ts';
import { pathName, time } from '../framework/schemas.ts';

export const tokenPath = z.object({
  id: pathName('The public id, which introspection returns as `jti`.', `tok_${'0'.repeat(25)}`),
});

/** The user, device or tenant that a backend created a token for, in its own terms. */
export const subject = z
  .strictObject({
    type: z
      .string()
      .regex(subjectType, 'must be a word of lowercase letters, digits, - and _')
      .meta({ description: 'The type in one word, such as `user`, `device` or `tenant`.' }),
    id: text(tokenLimits.subjectId).meta({
      description: 'The id in your own system, on one line.',
    }),
  })
  .meta({ description: 'The user, device or tenant of your own system that the token is for.' });

const attributes = z.record(z.string(), z.unknown());

const attributesMeaning = `Data about the bearer for the API, such as a billing plan; introspection returns it. A JSON object of at most ${tokenLimits.attributes} bytes.`;

const values = (description: string) =>
  distinct(text(500), 100).min(1).optional().meta({ description });

/** The common fields of RFC 9396 §2; others would mean nothing to resource servers. */
const authorizationDetail = z
  .strictObject({
    type: text(100).meta({
      description: 'One of the `authorization_details_types` of the resource.',
    }),
    identifier: text(500).optional().meta({ description: 'The id of the thing.' }),
    actions: values('The permitted actions, out of those of the type.'),
    locations: values('The location: only the resource itself.'),
    datatypes: values('The kinds of data, as the API defines them.'),
    privileges: values('The levels of access, as the API defines them.'),
  })
  .meta({
    id: 'AuthorizationDetail',
    description: 'A limit on a token in addition to its scopes (RFC 9396 §2).',
  });

/** The fields of every token that has a name and an owner. */
export const namedTokenFields = {
  name: shownText(tokenLimits.name).meta({
    description: `The name that people see: at most ${tokenLimits.name} characters on one line.`,
  }),
  expires_at: moment
    .nullable()
    .meta({ description: 'When it expires, in the future; null for never.' }),
};

export const tokenStatus = z.enum(['active', 'expired', 'revoked', 'inactive']).meta({
  description:
    'The state of the token. `inactive` means that its client, app or account is disabled, or that all tokens of one of these were revoked.',
});

const fields = {
  ...namedTokenFields,
  scope: scope.meta({ description: 'The scopes of the token, separated by spaces.' }),
  attributes: attributes.nullable().meta({ description: attributesMeaning }),
};

export const tokenCreation = z
  .strictObject({
    client_id: text(100).optional().meta({
      description:
        'The client of the token. An API key always creates tokens of its own client and can omit this. With `clients:write` you can name any client, with `apps:write` a client of an app.',
    }),
    subject,
    name: fields.name,
    attributes: fields.attributes.optional(),
    scope: fields.scope.optional(),
    resource: resourceIdentifier.optional().meta({
      description:
        'The resource that the token is for (RFC 8707). Default: the resource that the client gets when it requests none.',
    }),
    roles: distinct(text(200), 100)
      .optional()
      .meta({ description: 'Roles out of those of the client. Default: none.' }),
    authorization_details: z
      .array(authorizationDetail)
      .max(tokenLimits.authorizationDetails)
      .optional()
      .meta({ description: 'Limits of the token in addition to its scopes (RFC 9396).' }),
    expires_at: fields.expires_at.optional().meta({
      description:
        'When the token expires, in the future; null for never. Default: in 366 days, or after the maximum lifetime if that is shorter.',
    }),
  })
  .meta({
    id: 'TokenCreation',
    examples: [
      {
        subject: { type: 'user', id: '42' },
        name: 'Ada’s laptop',
        scope: 'things:read',
        attributes: { plan: 'pro' },
        expires_at: '2030-01-01T00:00:00Z',
      },
    ],
  });

export const tokenUpdate = z
  .strictObject({
    name: fields.name.optional(),
    scope: fields.scope
      .optional()
      .meta({ description: 'The new scopes: only scopes that the token already has.' }),
    attributes: fields.attributes.optional(),
    expires_at: fields.expires_at.optional(),
  })
  .meta({
    id: 'TokenUpdate',
    description: 'The fields to change; others keep their values.',
    examples: [{ name: 'Ada’s new laptop', expires_at: null }],
  });

export const token = z
  .object({
    id: z.string().meta({ description: 'The public id. It is not a secret and can be logged.' }),
    kind: z
      .enum(['access_token', 'refresh_token', 'personal_access_token', 'api_token', 'api_key'])
      .meta({ description: 'The kind of token.' }),
    format: z.enum(['opaque', 'jwt']).meta({ description: 'The format of the value.' }),
    active: z.boolean().meta({ description: 'Whether the token is active now.', examples: [true] }),
    state: tokenStatus,
    name: z.string().nullable().meta({ description: 'The name, if the kind of token has one.' }),
    hint: z.string().nullable().meta({ description: 'The last characters of the value.' }),
    client_id: z.string().meta({ description: 'The client that the token was issued to.' }),
    account_id: z.string().nullable().meta({
      description: 'The account that the token acts for; null if it acts for its client.',
    }),
    grant_id: z
      .string()
      .nullable()
      .meta({ description: 'The grant of a login; null for other tokens.' }),
    subject: z
      .object({ type: z.string(), id: z.string() })
      .nullable()
      .meta({ description: 'The user, device or tenant that a backend created the token for.' }),
    attributes: attributes.nullable().meta({ description: 'The attributes that the backend set.' }),
    scope: z
      .string()
      .nullable()
      .meta({ description: 'The current scopes of the token, separated by spaces.' }),
    audience: z
      .array(z.string())
      .nullable()
      .meta({ description: 'The resources that the token is for.' }),
    authorization_details: z
      .array(z.record(z.string(), z.unknown()))
      .nullable()
      .meta({ description: 'The limits of the token (RFC 9396).' }),
    roles: z.array(z.string()).meta({ description: 'The current roles of the token.' }),
    entitlements: z
      .array(z.string())
      .meta({ description: 'The current permissions of its roles.' }),
    issued_at: time.meta({ description: 'When the token was issued.' }),
    expires_at: time.nullable().meta({ description: 'Null if the token never expires.' }),
    last_used_at: time.nullable().meta({ description: 'Accurate to the minute.' }),
    revoked_at: time
      .nullable()
      .meta({ description: 'When the token was revoked; null if it was not.' }),
    replaced_by: z
      .string()
      .nullable()
      .meta({ description: 'The `id` of the token that replaces this one.' }),
  })
  .meta({ id: 'Token', description: 'A token, without its value.' });

export const createdToken = z
  .object({
    ...token.shape,
    token: z.string().meta({ description: 'The value of the token. It is returned only here.' }),
  })
  .meta({ id: 'CreatedToken' });

/** A token as the API of an issuer returns it: with the scope that it has now, as introspection. Times are accurate to the second. */
export const describeTokenOf =
  (issuer: string) =>
  (shown: ShownToken): z.input<typeof token> => {
    const { roles, entitlements } = rightsOf(shown);
    return {
      id: publicId(shown.id),
      kind: shown.kind,
      format: shown.kid ? 'jwt' : 'opaque',
      active: shown.status === 'active',
      state: shown.status,
      name: shown.name,
      hint: shown.hint,
      client_id: shown.clientId,
      account_id: shown.accountId,
      grant_id: shown.grantId,
      subject: shown.subject,
      attributes: (shown.payload?.['attributes'] ?? null) as Record<string, unknown> | null,
      scope: effectiveScope(shown, apiResource(issuer)),
      audience: shown.audience,
      authorization_details: (shown.payload?.['rar'] ?? null) as Record<string, unknown>[] | null,
      roles,
      entitlements,
      issued_at: timeOf(shown.issuedAt),
      expires_at: timeOf(shown.expiresAt),
      last_used_at: timeOf(shown.lastUsedAt),
      revoked_at: timeOf(shown.revokedAt),
      replaced_by: shown.successor,
    };
  };

/** Converts seconds since 1970 to a Date; null stays null. */
export function timeOf<Seconds extends number | null>(seconds: Seconds) {
  return (seconds === null ? null : new Date(Math.round(seconds * 1000))) as Seconds extends number
    ? Date
    : null;
}
