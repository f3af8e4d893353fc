import type { DialectName } from '../../../config/dialects.ts';

/** A product whose clients work here unmodified, as an operator sees it. Texts have code in backticks and links as in Markdown. */
export interface DialectState {
  /** As in DIALECTS. */
  name: DialectName;
  product: string;
  /** Whether this server serves its paths. */
  on: boolean;
  /** The API that its tokens are for. It is created when the dialect is first switched on, and stays. */
  resource: string;
  /** Its built-in client. */
  client_id: string | null;
  /** What to set here, where to point the client, and what differs from the product. */
  moving: { set: string; point: string; differs: string[] };
  /** `missing` says why a feature does not work. */
  features: { id: string; feature: string; missing: string | null }[];
  paths: { method: string; path: string }[];
}

/** All dialects, in the order of their names in the settings. */
export type ListDialects = () => DialectState[];
