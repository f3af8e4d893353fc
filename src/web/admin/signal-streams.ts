import type { Context } from 'koa';
import { signalStream, signalStreams as streamsView } from '../../../views/admin/signal-streams.ts';
import { type SignalStreams, signalStreamNotFound } from '../../domain/signals/streams.ts';
import { changesOf } from './change.ts';
import type { Call, Console } from './console.ts';

interface Dependencies {
  signalStreams: Pick<SignalStreams, 'all' | 'deleteAny'>;
}

const home = '/admin/signal-streams';

/** `/admin/signal-streams`: the streams of Shared Signals. Receivers change their own; operators see and delete them. */
export function signalStreamPages(admin: Console, { signalStreams }: Dependencies): void {
  const idOf = (ctx: Context) => String(ctx['params']['stream']);
  const pathOf = (ctx: Context) => `${home}/${encodeURIComponent(idOf(ctx))}`;

  const show = async (call: Call, problem?: string, status = 200) => {
    const stream = (await signalStreams.all()).find(({ id }) => id === idOf(call.ctx));
    if (!stream) throw signalStreamNotFound();
    await call.show((frame) => signalStream(frame, { stream, problem }), { status });
  };

  admin.page(home, 'clients:read', async (call) => {
    const streams = await signalStreams.all();
    await call.show((frame) => streamsView(frame, { streams }));
  });

  admin.page(`${home}/:stream`, 'clients:read', (call) => show(call));

  const change = changesOf(admin, {
    at: `${home}/:stream`,
    needs: 'clients:write',
    back: pathOf,
    again: (call, { problem }, status) => show(call, problem, status),
  });
  change('delete', 'stream_deleted', ({ ctx }) => signalStreams.deleteAny(idOf(ctx)), {
    next: () => home,
  });
}
