/** The person who created a credential, as other members see them: the email address is never included. */
export interface Creator {
  /** Account id. */
  id: string;
  /** Empty if the account has no name or was deleted. */
  name: string;
}

/** Builds a creator from the account id and its current name. Null if the creator is unknown. */
export const creatorOf = (id: string | null, name: string | null): Creator | null =>
  id === null ? null : { id, name: name ?? '' };
