import type { Context } from 'koa';
import type { Log } from './log.ts';
import { targetOf } from './log-text.ts';
import { requestIdOf } from './request-id.ts';

/** Logs that a response could not be sent. A caller that hung up is no error of the server. */
export const logUnsentResponse =
  (log: Log) =>
  (error: NodeJS.ErrnoException, ctx?: Context): void =>
    log[isHungUp(error) ? 'debug' : 'error'](
      { err: error, ...(ctx && { request_id: requestIdOf(ctx), path: targetOf(ctx) }) },
      'a response could not be sent',
    );

/** The connection broke in the middle of a request or of its answer. */
const isHungUp = ({ code = '' }: NodeJS.ErrnoException): boolean =>
  code.startsWith('HPE_') || code === 'ECONNRESET' || code === 'EPIPE';
