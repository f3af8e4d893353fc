/** That a client gets ID-JAGs for people at one authorization server. */
export interface CrossAppAccess {
  /** What the API and the audit call it: `assistant-at-acme`. */
  id: string;
  /** The `client_id` of the client here. */
  client: string;
  /** The issuer of the other authorization server: the `aud` of the ID-JAGs. */
  audience: string;
  /** The `client_id` that the client has there. */
  client_id_there: string;
  /** The `client_id` with which the other server signs people in here; null if it knows them by the IDs of their accounts. */
  sso_client: string | null;
  /** The APIs there that access can be for; empty: the ID-JAGs name none. */
  resources: string[];
  /** The scopes there that access can have. */
  scopes: string[];
  /** The roles of which a person needs one; null: it is for everyone. */
  roles: string[] | null;
  /** Whether the ID-JAGs state the email address of the person. */
  email: boolean;
  /** Seconds that they live. */
  lifetime: number;
  enabled: boolean;
  created_at: Date;
  updated_at: Date;
}

/** The settings that a caller gives. */
export type CrossAppSettings = Omit<CrossAppAccess, 'id' | 'created_at' | 'updated_at'>;

/** Settings of a new one: others have their default. */
export type NewCrossAppAccess = Pick<CrossAppSettings, 'client' | 'audience' | 'client_id_there'> &
  CrossAppChanges;

/** Settings to change. Those that say who gets access, and where, are fixed. */
export type CrossAppChanges = {
  [Field in keyof Omit<CrossAppSettings, 'client' | 'audience'>]?:
    | CrossAppSettings[Field]
    | undefined;
};
