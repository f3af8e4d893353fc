/** The person who created a credential, as those who see the credential see them: never by an address. */
export interface Creator {
  /** The id of the account; never reused. */
  id: string;
  /** Empty where the account has none, or is deleted. */
  name: string;
}

/** From an id and the name that its account has now, if there is one. */
export const creatorOf = (id: string | null, name: string | null): Creator | null =>
  id === null ? null : { id, name: name ?? '' };
