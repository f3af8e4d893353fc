import type { Context } from 'koa';
import type { Log } from './log.ts';
import { targetOf } from './log-text.ts';
import { requestIdOf } from './request-id.ts';

/** Logs that a response could not be sent; at debug if the caller closed the connection. */
export const logUnsentResponse =
  (log: Log) =>
  (error: NodeJS.ErrnoException, ctx?: Context): void =>
    log[isHungUp(error) ? 'debug' : 'error'](
      { err: error, ...(ctx && { request_id: requestIdOf(ctx), path: targetOf(ctx) }) },
      'a response could not be sent',
    );

/** Whether the connection broke during the request or its response. */
const isHungUp = ({ code = '' }: NodeJS.ErrnoException): boolean =>
  code.startsWith('HPE_') || code === 'ECONNRESET' || code === 'EPIPE';
