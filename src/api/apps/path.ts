import * as z from 'zod';
import { pathName } from '../framework/schemas.ts';

/** The parameters of every path below an app. */
export const appPath = z.object({ app: pathName('The `name` of the app.', 'acme') });
