import type * as z from 'zod';
import type { ApiScope } from '../../../config/scopes.ts';
import { type Call, type Operation, operation } from './operation.ts';

type Switch = 'disable' | 'enable';

interface Switched<Parameters extends z.ZodObject, Output extends z.ZodType>
  extends Pick<Operation, 'tag' | 'path' | 'errors'> {
  scope: ApiScope;
  parameters: Parameters;
  response: Output;
  /** The end of the operation ids. */
  name: string;
  /** The noun of the summaries, with its article. */
  called: string;
  descriptions: Record<Switch, string>;
  audit: {
    kind: 'account' | 'client' | 'app';
    id?: (path: Record<string, string>) => string;
  };
  handle: (call: Call<z.output<Parameters>>, to: Switch) => Promise<z.input<Output>>;
}

/** The two operations that disable and enable the thing at `path`. */
export function switching<Parameters extends z.ZodObject, Output extends z.ZodType>({
  path,
  name,
  called,
  descriptions,
  audit,
  handle,
  ...shared
}: Switched<Parameters, Output>): Operation[] {
  const to = (change: Switch, verb: 'Disable' | 'Enable') =>
    operation({
      ...shared,
      method: 'post',
      path: `${path}/${change}`,
      operationId: change + name,
      summary: `${verb} ${called}`,
      description: descriptions[change],
      tagged: true,
      audit: { action: `${audit.kind}.${change}d`, ...audit },
      handle: (call) => handle(call, change),
    });
  return [to('disable', 'Disable'), to('enable', 'Enable')];
}
