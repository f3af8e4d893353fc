/**
 * The server itself, as the actor of what it sets up when it starts. The rules that bind callers do not bind
 * it, so the faces never import this file: the linter refuses it.
 */
export const serverActor: unique symbol = Symbol('the server itself');

export type ServerActor = typeof serverActor;
