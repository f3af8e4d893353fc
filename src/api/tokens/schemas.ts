/** Tokens as the API shows them and takes them. */
import * as z from 'zod';
import { tokenLimits } from '../../../config/tokens.ts';
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
  id: pathName('The public id; introspection calls it `jti`.', `tok_${'0'.repeat(25)}`),
});

/** For whom a backend made a token, in its own words. */
export const subject = z
  .strictObject({
    type: z
      .string()
      .regex(subjectType, 'is not a word of small letters, digits, - and _')
      .meta({ description: 'What it is, in a word: `user`, `device`, `tenant`.' }),
    id: text(tokenLimits.subjectId).meta({
      description: 'Which one: the id that your own system has for it, on one line.',
    }),
  })
  .meta({ description: 'For whom the token is, in the words of your own system.' });

const attributes = z.record(z.string(), z.unknown());

const attributesMeaning = `Whatever the API should know of its bearer, such as the plan they pay for; introspection returns it. A JSON object of at most ${tokenLimits.attributes} bytes.`;

const values = (description: string) =>
  distinct(text(500), 100).min(1).optional().meta({ description });

/** RFC 9396 §2: what is not here, no resource server could know of. */
const authorizationDetail = z
  .strictObject({
    type: text(100).meta({
      description: 'One of the `authorization_details_types` of the resource.',
    }),
    identifier: text(500).optional().meta({ description: 'The one thing of that type.' }),
    actions: values('What may be done with it, of what the type has.'),
    locations: values('Where: the resource, and nothing else.'),
    datatypes: values('The kinds of data, in the words of the API.'),
    privileges: values('The levels of access, in the words of the API.'),
  })
  .meta({
    id: 'AuthorizationDetail',
    description: 'What a token is limited to (RFC 9396 §2), beside its scope.',
  });

/** What everything that somebody makes and owns has. */
export const namedTokenFields = {
  name: shownText(tokenLimits.name).meta({
    description: `What people call it, at most ${tokenLimits.name} characters on one line.`,
  }),
  expires_at: moment.nullable().meta({ description: 'When it ends, yet to come; null: never.' }),
};

export const tokenStatus = z.enum(['active', 'expired', 'revoked', 'inactive']).meta({
  description:
    'What has become of it. `inactive`: its client, app or account is disabled, or had all of its tokens ended.',
});

const fields = {
  ...namedTokenFields,
  scope: scope.meta({ description: 'What it permits, parted by spaces.' }),
  attributes: attributes.nullable().meta({ description: attributesMeaning }),
};

export const tokenCreation = z
  .strictObject({
    client_id: text(100).optional().meta({
      description:
        'Whose token it is. An API key makes those of its own client, and need not say so; who has `clients:write` may name any, and with `apps:write` those of apps.',
    }),
    subject,
    name: fields.name,
    attributes: fields.attributes.optional(),
    scope: fields.scope.optional(),
    resource: resourceIdentifier.optional().meta({
      description:
        'The API that it is for (RFC 8707); without it the one that the client gets when it names none.',
    }),
    roles: distinct(text(200), 100)
      .optional()
      .meta({ description: 'Of the roles that its client has; none where nobody says.' }),
    authorization_details: z
      .array(authorizationDetail)
      .max(tokenLimits.authorizationDetails)
      .optional(),
    expires_at: fields.expires_at.optional().meta({
      description:
        'When it ends, yet to come; null: never. Absent: in 366 days, or as late as it may where that is earlier.',
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
      .meta({ description: 'What it permits from now on: less than before, never more.' }),
    attributes: fields.attributes.optional(),
    expires_at: fields.expires_at.optional(),
  })
  .meta({
    id: 'TokenUpdate',
    description: 'What changes; the rest stays as it is.',
    examples: [{ name: 'Ada’s new laptop', expires_at: null }],
  });

export const token = z
  .object({
    id: z.string().meta({ description: 'Names it, and opens nothing: it can be logged.' }),
    kind: z.enum([
      'access_token',
      'refresh_token',
      'personal_access_token',
      'api_token',
      'api_key',
    ]),
    format: z.enum(['opaque', 'jwt']),
    active: z.boolean(),
    state: tokenStatus,
    name: z.string().nullable(),
    hint: z
      .string()
      .nullable()
      .meta({ description: 'The last characters of its value, by which its owner tells it.' }),
    client_id: z.string(),
    account_id: z.string().nullable(),
    grant_id: z.string().nullable(),
    subject: z
      .object({ type: z.string(), id: z.string() })
      .nullable()
      .meta({ description: 'For whom a backend made it.' }),
    attributes: attributes.nullable(),
    scope: z.string().nullable(),
    audience: z.array(z.string()).nullable(),
    authorization_details: z
      .array(z.record(z.string(), z.unknown()))
      .nullable()
      .meta({ description: 'What it is limited to (RFC 9396).' }),
    roles: z.array(z.string()),
    entitlements: z.array(z.string()).meta({ description: 'What its roles give today.' }),
    issued_at: time,
    expires_at: time.nullable().meta({ description: 'Null: never.' }),
    last_used_at: time.nullable().meta({ description: 'To the minute.' }),
    revoked_at: time.nullable(),
    replaced_by: z
      .string()
      .nullable()
      .meta({ description: 'The `id` of the token that takes its place.' }),
  })
  .meta({ id: 'Token', description: 'A token as whoever manages it sees it, without its value.' });

export const createdToken = z
  .object({
    ...token.shape,
    token: z.string().meta({ description: 'The value, shown this once.' }),
  })
  .meta({ id: 'CreatedToken' });

/** A token in the words of the API; its times in answers are to the second. */
export function describeToken(shown: ShownToken): z.input<typeof token> {
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
    scope: shown.scope,
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
}

/** Seconds since 1970 as the API has them; null stays null. */
export function timeOf<Seconds extends number | null>(seconds: Seconds) {
  return (seconds === null ? null : new Date(Math.round(seconds * 1000))) as Seconds extends number
    ? Date
    : null;
}
