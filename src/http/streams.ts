import type { ServerResponse } from 'node:http';

const streams = new WeakSet<ServerResponse>();

/** Marks a response that stays open for events: it takes no place of the requests in progress. Its handler bounds their number. */
export const markAsStream = (response: ServerResponse): void => {
  streams.add(response);
};

export const isStream = (response: ServerResponse): boolean => streams.has(response);
