// The pages of apps, as they are every day, at their worst, and with next to nothing on them.

import { activityCases } from './app-cases/activity.ts';
import { agentCases } from './app-cases/agent.ts';
import { apiKeysCases } from './app-cases/api-keys.ts';
import { clientCases } from './app-cases/client.ts';
import { clientsCases } from './app-cases/clients.ts';
import { connectCases } from './app-cases/connect.ts';
import { listCases } from './app-cases/list.ts';
import { membersCases } from './app-cases/members.ts';
import { registrationCases } from './app-cases/registration.ts';
import { rolesCases } from './app-cases/roles.ts';
import { settingsCases } from './app-cases/settings.ts';
import type { Case } from './case.ts';

export { clients } from './app-cases/shared.ts';

export const appCases: Case[] = [
  ...listCases,
  ...clientsCases,
  ...clientCases,
  ...agentCases,
  ...apiKeysCases,
  ...connectCases,
  ...membersCases,
  ...rolesCases,
  ...registrationCases,
  ...activityCases,
  ...settingsCases,
];
