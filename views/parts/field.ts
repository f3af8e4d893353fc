import { html } from 'hono/html';
import type { Html } from './frame.ts';

export interface FieldProps {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'password';
  value?: string | undefined;
  autocomplete: string;
  /** What helps to fill it in. */
  hint?: string | undefined;
  /** What is wrong with what was filled in. */
  problem?: string | undefined;
  /** The id of a problem that is told elsewhere on the page. */
  describedBy?: string | undefined;
  autofocus?: boolean;
  readonly?: boolean;
  optional?: boolean;
  minLength?: number;
  maxLength?: number;
  /** More attributes, for the one field that needs them. */
  attributes?: Html;
}

/** A labelled field; its hint and its problem are read out with it. */
export function field(props: FieldProps): Html {
  const { name, hint, problem } = props;
  const described = [
    problem && `${name}-problem`,
    props.describedBy,
    hint && `${name}-hint`,
  ].filter(Boolean);
  return html`<div class="field">
    <label for="${name}">${props.label}</label>
    <input id="${name}" name="${name}" type="${props.type ?? 'text'}" autocomplete="${props.autocomplete}"
      ${props.value !== undefined && html`value="${props.value}"`}
      ${!props.optional && !props.readonly && html`required`}
      ${props.readonly && html`readonly`}
      ${props.autofocus && html`autofocus`}
      ${props.minLength && html`minlength="${props.minLength}"`}
      ${props.maxLength && html`maxlength="${props.maxLength}"`}
      ${problem && html`aria-invalid="true"`}
      ${described.length > 0 && html`aria-describedby="${described.join(' ')}"`}
      ${props.attributes}>
    ${problem && html`<p class="field-problem" id="${name}-problem" role="alert">${problem}</p>`}
    ${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
  </div>`;
}

/** Tells a password manager whose password it is, where the page shows no such field. */
export const hiddenUsername = (username: string | undefined): Html =>
  html`<input type="text" autocomplete="username" value="${username ?? ''}" readonly hidden>`;
