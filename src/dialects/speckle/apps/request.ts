import { dialectResources } from '../../../../config/dialects.ts';
import { isPublic } from '../../../domain/clients/client-types.ts';
import type { Client } from '../../../domain/clients/lookup.ts';

/** The access that an app requests: it is part of the registration, and requests cannot change it. */
export interface AppRequest {
  resource: string;
  /** Undefined if the app is registered without scopes: it would request everything. */
  scope: string | undefined;
  redirectUri: string;
}

/** Undefined for a client that is not an app: one without a redirect URI, or without a secret. */
export function requestOf({ metadata }: Client): AppRequest | undefined {
  const { redirect_uris: uris = [], scope } = metadata as {
    redirect_uris?: string[];
    scope?: string;
  };
  const [redirectUri] = uris;
  return redirectUri === undefined || isPublic(metadata)
    ? undefined
    : { resource: dialectResources.speckle, scope, redirectUri };
}
