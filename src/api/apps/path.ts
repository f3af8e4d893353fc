import * as z from 'zod';
import { pathName } from '../framework/schemas.ts';

/** Where everything of an app is. */
export const appPath = z.object({ app: pathName('The `name` of the app.', 'acme') });
