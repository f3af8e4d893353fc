import type { AccountDescription } from '../../domain/accounts/accounts.ts';

const shape = /^user-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;

/** The account that a Bloq id stands for; undefined where it is none. */
export const accountIdOf = (user: string): string | undefined => shape.exec(user)?.[1];

/** A person as Bloq shows them. Writ has no step of verification: the administrator who entered the address has checked it. */
export const describeUser = ({ id, name, email, created_at: createdAt }: AccountDescription) => ({
  id: `user-${id}`,
  displayName: name,
  email,
  verifiedAt: createdAt,
  createdAt,
});
