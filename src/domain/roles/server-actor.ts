/**
 * The server itself, as the actor of what it sets up when it starts. The rules for callers do not apply to it, so
 * the linter forbids importing this file in the faces.
 */
export const serverActor: unique symbol = Symbol('the server itself');

export type ServerActor = typeof serverActor;
