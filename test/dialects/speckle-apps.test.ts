import { describe } from '@jest/globals';
import { onStack } from '../support/stacks.ts';
import { authorsTests } from './speckle-apps/authors.ts';
import { browserTests } from './speckle-apps/browser.ts';
import { byTokenTests } from './speckle-apps/by-token.ts';
import { changesTests } from './speckle-apps/changes.ts';
import { codesTests } from './speckle-apps/codes.ts';
import { consentTests } from './speckle-apps/consent.ts';
import { listsTests } from './speckle-apps/lists.ts';
import { registrationTests } from './speckle-apps/registration.ts';
import { routesTests } from './speckle-apps/routes.ts';
import { rulesTests } from './speckle-apps/rules.ts';
import { createAppAuthors, createSpeckleApps, startWebsite } from './speckle-apps/support.ts';
import { tokensTests } from './speckle-apps/tokens.ts';

startWebsite();

// One server for the tests of all subjects.
onStack(
  (stack) => {
    const apps = createSpeckleApps(stack);
    consentTests(stack, apps);
    codesTests(stack, apps);
    tokensTests(stack, apps);
    byTokenTests(stack, apps);
    routesTests(stack, apps);

    describe('registration by people', () => {
      const people = createAppAuthors(stack, apps);
      registrationTests(stack, apps, people);
      changesTests(apps, people);
      listsTests(stack, apps, people);
      rulesTests(stack, apps, people);
      authorsTests(stack, apps, people);
    });

    browserTests(stack, apps);
  },
  { DIALECTS: 'bloq,speckle' },
);
