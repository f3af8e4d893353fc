import { dialectResources } from '../../../../config/dialects.ts';
import { isPublic } from '../../../domain/clients/client-types.ts';
import type { Client } from '../../../domain/clients/lookup.ts';

/** What an app asks people for: it is registered with it, and no request says otherwise. */
export interface AppRequest {
  resource: string;
  /** Undefined where it is registered with none: it would ask for everything there is. */
  scope: string | undefined;
  redirectUri: string;
}

/** Undefined for a client that is no app: it has nowhere to send people back to, or no secret to redeem a code with. */
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
