import { lifetimes } from '../../../config/lifetimes.ts';
import { accessCodeMode } from '../../oauth/response-modes.ts';

/** Seconds that an authorization code lives, by the response mode of its request. */
export const codeLifetime = (mode: unknown): number =>
  mode === accessCodeMode ? lifetimes.accessCode : lifetimes.authorizationCode;
