import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { type FieldProps, field } from './field.ts';

type Shared = Pick<FieldProps, 'name' | 'value' | 'problem' | 'autofocus'>;

/** A new password, twice: the fields `password` and `repeat`. */
export const newPasswordFields = (fields: (name: 'password' | 'repeat') => Shared): Html =>
  html`${field({
    ...fields('password'),
    label: 'New password',
    type: 'password',
    autocomplete: 'new-password',
    minLength: 10,
    // A problem says as much.
    hint: fields('password').problem
      ? undefined
      : 'At least 10 characters. A few unrelated words make a good password.',
  })}
  ${field({
    ...fields('repeat'),
    label: 'Repeat new password',
    type: 'password',
    autocomplete: 'new-password',
  })}`;
