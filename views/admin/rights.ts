import type { Frame } from '../layout/frame.ts';

/** Whether the roles of the person who reads the page give them a scope of Writ's own API. */
export const can = ({ person }: Pick<Frame, 'person'>, scope: string): boolean =>
  person?.apiScopes?.has(scope) === true;
