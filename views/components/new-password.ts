import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { field } from './field.ts';

export interface NewPasswordProps {
  /** The id of a problem that is told elsewhere on the page. */
  describedBy?: string | undefined;
  autofocus?: boolean;
  problem?: string | undefined;
  repeatProblem?: string | undefined;
}

/** A new password, twice. */
export function newPasswordFields(props: NewPasswordProps): Html {
  return html`${field({
    name: 'password',
    label: 'New password',
    type: 'password',
    autocomplete: 'new-password',
    minLength: 10,
    hint: 'At least 10 characters. A few words that do not belong together make a good one.',
    describedBy: props.describedBy,
    autofocus: props.autofocus === true,
    problem: props.problem,
  })}
  ${field({
    name: 'repeat',
    label: 'The same again',
    type: 'password',
    autocomplete: 'new-password',
    describedBy: props.describedBy,
    problem: props.repeatProblem,
  })}`;
}
