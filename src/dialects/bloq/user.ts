import type { AccountDescription } from '../../domain/accounts/accounts.ts';

const shape = /^user-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;

/** The account of a Bloq user id; undefined if it is not one. */
export const accountIdOf = (user: string): string | undefined => shape.exec(user)?.[1];

/** A person in Bloq's format. Writ has no verification step: the administrator who entered the email address verified it. */
export const describeUser = ({ id, name, email, created_at: createdAt }: AccountDescription) => ({
  id: `user-${id}`,
  displayName: name,
  email,
  verifiedAt: createdAt,
  createdAt,
});
