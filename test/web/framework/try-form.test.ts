import { describe, expect, test } from '@jest/globals';
import { checkEach } from '../../../src/oauth/check-each.ts';
import { type ErrorCode, OAuthError, parameterError } from '../../../src/oauth/errors.ts';
import { type Refusal, tryForm } from '../../../src/web/framework/forms.ts';

type Field = 'name' | 'expiry' | 'uris';
const fields: Record<Field, string> = { name: 'name', expiry: 'expires_at', uris: 'redirect_uris' };

/** What a form is shown again with after an error; undefined where it is not. */
async function refusalOf(error: unknown): Promise<Refusal<Field> | undefined> {
  let refusal: Refusal<Field> | undefined;
  await tryForm<Field>(
    async () => {
      throw error;
    },
    async (given) => {
      refusal = given;
    },
    fields,
  );
  return refusal;
}

describe('a form is shown again', () => {
  test('with its field marked for the parameter that the error names', async () => {
    const error = new OAuthError('conflict', 'That is taken.', { parameter: 'name' });
    expect(await refusalOf(error)).toEqual({
      problems: { name: 'That is taken.' },
      general: undefined,
      status: 409,
    });
  });

  test('with every problem at its field, and what has no field beside the form', async () => {
    const checked = checkEach({
      expiry: () => {
        throw parameterError('invalid_request', 'expires_at', 'is over.');
      },
      name: async () => {
        throw new OAuthError('conflict', 'That name is taken.', { parameter: 'name' });
      },
      sort: () => {
        throw new OAuthError('invalid_request', 'That cannot be sorted.', { parameter: 'sort' });
      },
      whole: () => {
        throw new OAuthError('conflict', 'There are too many.');
      },
    });
    expect(await refusalOf(await checked.catch((error) => error))).toEqual({
      problems: { name: 'That name is taken.', expiry: 'Is over.' },
      general: 'That cannot be sorted. There are too many.',
      status: 400,
    });
  });

  test('with the field of a list marked for one of its items', async () => {
    const error = new OAuthError('invalid_request', 'No.', { parameter: 'redirect_uris[2]' });
    expect(await refusalOf(error)).toMatchObject({ problems: { uris: 'No.' } });
  });

  test('without the name of the parameter, which the page shows as a field', async () => {
    const error = parameterError('invalid_request', 'expires_at', 'is over.');
    expect(error.message).toBe('expires_at: is over.');
    expect(await refusalOf(error)).toMatchObject({ problems: { expiry: 'Is over.' } });
  });

  test('with its sentence unchanged where that begins with a typed value', async () => {
    const sentence = 'expires_at: is no scope of this API.';
    const error = new OAuthError('invalid_scope', sentence, { parameter: 'scope' });
    expect(await refusalOf(error)).toMatchObject({ general: sentence });
  });

  test.each([
    ['whose words are those of a field', 'expires_at: the name is taken', undefined],
    ['of a parameter that the form does not have', 'No.', 'scope'],
    ['of a parameter whose name only begins like one', 'No.', 'name_of_another'],
  ])('with no field marked for an error %s', async (_what, sentence, parameter) => {
    const error = new OAuthError('invalid_request', sentence, { parameter });
    const refusal = await refusalOf(error);
    expect(refusal).toMatchObject({ general: sentence });
    expect(refusal?.problems).toEqual({});
  });

  test('with no field marked where what it changes is gone', async () => {
    const error = new OAuthError('not_found', 'There is no role.', { parameter: 'name' });
    const refusal = await refusalOf(error);
    expect(refusal).toMatchObject({ status: 404 });
    expect(refusal?.problems).toEqual({});
  });
});

test.each<ErrorCode>(['access_denied', 'temporarily_unavailable'])(
  '%s is about no field and goes to a page of its own',
  async (code) => {
    const error = new OAuthError(code, 'No.', { parameter: 'name' });
    await expect(refusalOf(error)).rejects.toBe(error);
  },
);

test('a bug is thrown on', async () => {
  await expect(refusalOf(new TypeError('a bug'))).rejects.toThrow('a bug');
});

test('values that pass every check are returned under their names', async () => {
  expect(await checkEach({ name: () => 'x', expiry: async () => null })).toEqual({
    name: 'x',
    expiry: null,
  });
});

test('a bug in a check is not hidden by the problems of the others', async () => {
  const checked = checkEach({
    name: () => {
      throw new OAuthError('conflict', 'No.');
    },
    expiry: () => {
      throw new TypeError('a bug');
    },
  });
  await expect(checked).rejects.toThrow(TypeError);
});
