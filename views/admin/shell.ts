import { html } from 'hono/html';
import { type Crumb, crumbs } from '../components/crumbs.ts';
import { tabs } from '../components/tabs.ts';
import type { Frame, Html } from '../layout/frame.ts';
import { accountPage, type PageProps } from '../layout/layout.ts';

/** The sections of the console, in their order. A new one is added here, with its pages in `src/web/admin`. */
const sections = [['trusted-issuers', '/admin/trusted-issuers', 'Trusted issuers']] as const;

export type AdminSection = (typeof sections)[number][0];

/** A page of the console. `trail` names the pages between the section and this one. */
export const adminPage = (
  frame: Frame,
  { section, trail, ...props }: PageProps & { section: AdminSection; trail?: Crumb[] },
): Html => {
  const own = sections.find(([name]) => name === section);
  return accountPage(frame, {
    ...props,
    heading: props.heading ?? html`${props.title}`,
    title: `${props.title} · Administration`,
    ...(trail
      ? { crumbs: crumbs([[own?.[2] ?? '', own?.[1] ?? ''], ...trail]) }
      : {
          tabs: tabs(
            'Administration',
            sections.map(([name, href, label]) => ({ label, href, isCurrent: name === section })),
          ),
        }),
  });
};
