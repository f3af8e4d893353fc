/** The person who decides about a request: signed in, with the roles of this moment. */
export interface Approver {
  id: string;
  roles: string[];
  /** When the password was given: the `auth_time` of an ID token. */
  signedInAt?: Date | undefined;
}

/** The device or browser that a request came from, as the person who decides sees it. */
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

/** One action on a single thing of a resource (RFC 9396 §2), in a sentence; `resource` is the display name. */
export interface DescribedDetail {
  description: string;
  resource: string;
}

/** A request for access, as the person who decides about it sees it. */
export interface AccessRequest {
  clientId: string;
  clientName: string;
  clientUri?: string | undefined;
  /** A page with its terms of service. */
  termsUri?: string | undefined;
  /** The name of the person who registered it for others to use, as that person writes it. */
  author?: string | undefined;
  /** The name of the client's app, if it belongs to one: anyone may create an app, and name its clients at will. */
  app: string | null;
  /** What it asks for, in sentences: of resources, and of OpenID Connect, whose `resource` is empty. */
  scopes: DescribedScope[];
  /** The actions on single things that it asks for, one by one. */
  details: DescribedDetail[];
  /** Scopes that this account cannot grant: those of Writ's own API, without the administrator role. */
  scopesBeyondRole: string[];
  /** The permission that it takes to approve the request, where no role of this account gives it. */
  missingPermission?: string | undefined;
  expiresAt: Date;
  state: 'pending' | 'expired' | 'approved' | 'denied';
  /** The id of the account that decided, if one did. */
  answeredBy?: string | undefined;
}
