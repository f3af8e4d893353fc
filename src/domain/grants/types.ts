/** The person who decides about a request: signed in, with the roles of this moment. */
export interface Approver {
  id: string;
  roles: string[];
  /** When the password was given: the `auth_time` of an ID token. */
  signedInAt?: Date | undefined;
}

/** The device or browser that a request came from, as the person who decides is shown it. */
export type DeviceInfo = {
  ip: string | null;
  userAgent: string | null;
};

/** A scope, the sentence that explains it, and the display name of the resource that it is of. */
export interface DescribedScope {
  name: string;
  description: string;
  resource: string;
}
