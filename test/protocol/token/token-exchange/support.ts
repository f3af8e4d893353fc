import { grantTypes } from '../../../../src/oauth/grant-types.ts';
import { tokenTypes } from '../../../../src/oauth/token-types.ts';
import type { Answer, Credentials } from '../../../support/http.ts';
import type { Stack } from '../../../support/stacks.ts';
import { unique } from '../../../support/stacks.ts';

export { tokenTypes };

/** A client that can exchange tokens, for these resources. */
export const makeExchanger = (
  { api }: Pick<Stack, 'api'>,
  resources: string[],
  given: Record<string, unknown> = {},
): Promise<Credentials> =>
  api.createClient({
    client_id: unique('agent'),
    grant_types: [grantTypes.tokenExchange, 'client_credentials'],
    resources,
    ...given,
  });

/** Exchanges an access token, or what `form` says. */
export const exchange = (
  { post }: Pick<Stack, 'post'>,
  client: Credentials,
  token: string,
  form: Record<string, string> = {},
  headers?: Record<string, string>,
): Promise<Answer> =>
  post(
    '/connect/token',
    {
      grant_type: grantTypes.tokenExchange,
      subject_token: token,
      subject_token_type: tokenTypes.accessToken,
      ...form,
    },
    client,
    headers,
  );
