import type { PendingAdministrator } from '../boot/first-start.ts';

/** How the first administrator gets in: by a link that is shown once, or by how to get another. */
export const welcome = ({ email, invitationUri }: PendingAdministrator): string =>
  invitationUri
    ? `
To sign in as the administrator, ${email}, choose a password (the link is good once, for seven days):
  ${invitationUri}
`
    : `
No administrator has chosen a password yet. For a link to choose one at:
  npx writ accounts invite ${email}
`;
