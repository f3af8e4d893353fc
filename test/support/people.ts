import { serverActor } from '../../src/domain/roles/server-actor.ts';
import { keepSecret } from './run-records.ts';
import { type Stack, unique } from './stacks.ts';
import { createVisitor, type Visitor } from './visitor.ts';

export interface TestPerson {
  accountId: string;
  email: string;
  name: string;
  password: string;
}

/** Creates a person with a password through an invitation. */
export async function makePerson(
  { domain }: Pick<Stack, 'domain'>,
  { name = 'Ada Lovelace', roles = [] }: { name?: string; roles?: string[] } = {},
): Promise<TestPerson> {
  const email = `${unique('ada')}@example.com`;
  const password = `correct horse ${unique('battery')}`;
  keepSecret('password', password);
  const { id } = await domain.accounts.create(serverActor, { name, email, roles });
  const { value } = await domain.invitations.create(serverActor, id, { sendEmail: false });
  if (!(await domain.invitations.accept(value, password)))
    throw new Error('the invitation was not accepted');
  return { accountId: id, email, name, password };
}

/** Creates a signed-in person. */
export async function signedIn(
  stack: Pick<Stack, 'domain' | 'origin'>,
  given: { name?: string; roles?: string[] } = {},
): Promise<TestPerson & { visitor: Visitor }> {
  const person = await makePerson(stack, given);
  const visitor = createVisitor(stack.origin);
  const page = await visitor.signIn(person.email, person.password);
  if (page.status !== 303) throw new Error(`not signed in: ${page.status} ${page.words}`);
  return { ...person, visitor };
}
