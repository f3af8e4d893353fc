import { adminDialects } from '../../../views/admin/dialects.ts';
import type { ListDialects } from '../../domain/installation/dialects.ts';
import type { Console } from './console.ts';

interface Dependencies {
  listDialects: ListDialects;
}

/** `/admin/dialects`: the products whose clients work here, and how to connect them. */
export const dialectPages = ({ page }: Console, { listDialects }: Dependencies): void =>
  page('/admin/dialects', 'diagnostics:read', (call) => {
    const dialects = listDialects().map(({ client_id: clientId, ...dialect }) => ({
      ...dialect,
      clientId,
    }));
    return call.show((frame) => adminDialects(frame, { dialects }));
  });
