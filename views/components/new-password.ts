import { html } from 'hono/html';
import type { Frame, Html } from '../layout/frame.ts';
import { type FieldProps, field } from './field.ts';

type Shared = Pick<FieldProps, 'name' | 'value' | 'problem' | 'autofocus'>;

/** A new password, twice: the fields `password` and `repeat`. */
export const newPasswordFields = (
  { messages }: Frame,
  fields: (name: 'password' | 'repeat') => Shared,
): Html =>
  html`${field({
    ...fields('password'),
    label: messages.fields.newPassword,
    type: 'password',
    autocomplete: 'new-password',
    minLength: 10,
    // A problem says as much.
    hint: fields('password').problem ? undefined : messages.fields.newPasswordHint,
  })}
  ${field({
    ...fields('repeat'),
    label: messages.fields.repeatPassword,
    type: 'password',
    autocomplete: 'new-password',
  })}`;
