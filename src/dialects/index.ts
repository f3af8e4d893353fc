/** THE DIALECTS: the APIs of other products, so that their clients work with Writ unchanged. */
import { type DialectName, dialectNames } from '../../config/dialects.ts';
import type { DescribeDetail } from '../domain/grants/detail-descriptions.ts';
import type { SuitsResource } from '../domain/resources/details.ts';
import { bloq } from './bloq/description.ts';
import { datasette } from './datasette/description.ts';
import type { DialectDescription } from './framework/dialect.ts';
import { speckle } from './speckle/description.ts';
import { sqlitecloud } from './sqlitecloud/description.ts';
import { squidex } from './squidex/description.ts';

/** The static description of each dialect. */
export const dialectDescriptions: Readonly<Record<DialectName, DialectDescription>> = {
  squidex,
  sqlitecloud,
  bloq,
  datasette,
  speckle,
};

/** All dialects, in the order of `dialectNames`. */
export const allDialects: readonly DialectDescription[] = dialectNames.map(
  (name) => dialectDescriptions[name],
);

/** Describes an authorization detail in a sentence, if the dialect of its resource knows how. */
export const describeDetail: DescribeDetail = (identifier, detail) =>
  ofResource(identifier)?.describeDetail?.(detail);

/** Whether a detail has the form that the dialect of its resource writes; true for other resources. */
export const suitsResource: SuitsResource = (identifier, detail) =>
  ofResource(identifier)?.isDetail?.(detail) ?? true;

const ofResource = (identifier: string): DialectDescription | undefined =>
  allDialects.find(({ resource }) => resource.identifier === identifier);
