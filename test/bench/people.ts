// People of a Writ that is measured: accounts with passwords, made while no server needs the database.
import { loadSettings } from '../../config/settings.ts';
import { openBootstrap } from '../../src/boot/setup.ts';
import { createKeyring } from '../../src/crypto/sealing.ts';
import { serverActor } from '../../src/domain/roles/server-actor.ts';
import { openDomain } from '../support/domain.ts';
import type { ProcessEnvironment } from '../support/server-process.ts';

export interface Person {
  email: string;
  password: string;
}

/** Creates accounts whose people have chosen a password. */
export async function makePeople(env: ProcessEnvironment, count: number): Promise<Person[]> {
  const { database, keyring, close } = await openBootstrap(loadSettings(env));
  try {
    const domain = await openDomain(database, keyring ?? createKeyring([env['SECRET_KEYS'] ?? '']));
    const people: Person[] = [];
    for (let made = 0; made < count; made++) {
      const person = {
        email: `ada-${made}@bench.test`,
        password: `staple of horse ${made} battery`,
      };
      const { id } = await domain.accounts.create(serverActor, {
        name: 'Ada',
        email: person.email,
      });
      const { value } = await domain.invitations.create(serverActor, id);
      await domain.invitations.accept(value, person.password);
      people.push(person);
    }
    return people;
  } finally {
    await close();
  }
}
