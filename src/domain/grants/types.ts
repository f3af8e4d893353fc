import type { ClientOrigin } from '../../../db/schema.ts';
import type { FactorNeed } from './factor-need.ts';

/** The signed-in person who decides about a request, with their current roles. */
export interface Approver {
  id: string;
  roles: string[];
  /** When the person entered a password: the `auth_time` of an ID token (OpenID Connect Core §2). */
  signedInAt?: Date | undefined;
  /** When the person last proved a second factor in the session; absent if never. */
  factorAt?: Date | null | undefined;
  /** How the person signed in (RFC 8176); absent without a session. */
  amr?: readonly string[] | undefined;
}

/** The device or browser that a request came from, as the person who decides sees it. */
export type DeviceInfo = {
  ip: string | null;
  userAgent: string | null;
};

/** A scope with the sentence that explains it and the display name of its resource. */
export interface DescribedScope {
  name: string;
  description: string;
  resource: string;
}

/** A sentence for one action of an authorization detail (RFC 9396 §2); `resource` is the display name. */
export interface DescribedDetail {
  description: string;
  resource: string;
}

/** A client that no one here created. */
export interface SelfRegistered {
  by: ClientOrigin;
  /** What its document calls it. */
  calledItself?: string | undefined;
}

/** A request for access, as the person who decides about it sees it. */
export interface AccessRequest {
  clientId: string;
  /** Its name; for a client with a metadata document the host of the document, which it cannot choose. */
  clientName: string;
  /** How it registered itself, and the name that its document gives it, which is not trustworthy. */
  selfRegistered?: SelfRegistered | undefined;
  clientUri?: string | undefined;
  /** The URL of its terms of service. */
  termsUri?: string | undefined;
  /**
   * The name of the person who registered the client for others to use, or who owns its app. Chosen by that person, so
   * not trustworthy.
   */
  developer?: string | undefined;
  /** The name of the client's app, if it belongs to one. Anyone can create an app and name its clients. */
  app: string | null;
  /** The requested scopes; those of OpenID Connect have an empty `resource`. */
  scopes: DescribedScope[];
  /** The requested authorization details, one entry per action. */
  details: DescribedDetail[];
  /** Scopes that only an administrator can grant, if this account is not one. */
  scopesBeyondRole: string[];
  /** The permission that is required to approve the request, if this account does not have it. */
  missingPermission?: string | undefined;
  /** Whether a second factor must be proven first. */
  factorNeed: FactorNeed;
  /** Whether it asks for scopes of administrators, which only a recent sign-in can grant. */
  needsRecentSignIn: boolean;
  expiresAt: Date;
  state: 'pending' | 'expired' | 'approved' | 'denied';
  /** The id of the account that decided. */
  answeredBy?: string | undefined;
}
