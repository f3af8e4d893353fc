import { insertNamedToken, type NewNamedToken } from '../../src/domain/tokens/named/insert.ts';
import { publicId } from '../../src/domain/tokens/value.ts';
import { keepSecret } from './run-records.ts';
import type { Stack } from './stacks.ts';

/** Creates a named token without checking who is allowed to. */
export async function makeNamedToken(
  { database }: Pick<Stack, 'database'>,
  given: NewNamedToken,
): Promise<{ id: string; value: string }> {
  const { id, value } = await insertNamedToken(database.kysely, given);
  keepSecret(given.kind, value);
  return { id: publicId(id), value };
}
