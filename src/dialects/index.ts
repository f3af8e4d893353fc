/** THE DIALECTS: the clients of other products, answered in those products' own words. */
import { type DialectName, dialectNames } from '../../config/dialects.ts';
import type { DescribeDetail } from '../domain/grants/detail-descriptions.ts';
import type { SuitsResource } from '../domain/resources/details.ts';
import { bloq } from './bloq/description.ts';
import { datasette } from './datasette/description.ts';
import type { DialectDescription } from './framework/dialect.ts';
import { speckle } from './speckle/description.ts';
import { sqlitecloud } from './sqlitecloud/description.ts';
import { squidex } from './squidex/description.ts';

/** What is known of each dialect without a server. */
export const dialectDescriptions: Readonly<Record<DialectName, DialectDescription>> = {
  squidex,
  sqlitecloud,
  bloq,
  datasette,
  speckle,
};

/** Every one, in the order of their names in DIALECTS. */
export const allDialects: readonly DialectDescription[] = dialectNames.map(
  (name) => dialectDescriptions[name],
);

/** The sentences of the dialects for the single things of their resources. */
export const describeDetail: DescribeDetail = (identifier, detail) =>
  ofResource(identifier)?.describeDetail?.(detail);

/** Whether a detail is as the dialect of its resource writes it; other resources have no rules here. */
export const suitsResource: SuitsResource = (identifier, detail) =>
  ofResource(identifier)?.isDetail?.(detail) ?? true;

const ofResource = (identifier: string): DialectDescription | undefined =>
  allDialects.find(({ resource }) => resource.identifier === identifier);
