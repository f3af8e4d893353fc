import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

export interface FieldProps {
  name: string;
  /** Where another form of the page has a field of that name. */
  id?: string | undefined;
  label: Html | string;
  type?: 'text' | 'email' | 'password';
  value?: string | undefined;
  /** Without it, browsers offer nothing. */
  autocomplete?: string;
  /** What helps to fill it in. */
  hint?: Html | string | undefined;
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
  const { name, id = name, problem } = props;
  return labelled(
    { ...props, id },
    html`<input id="${id}" name="${name}" type="${props.type ?? 'text'}" autocomplete="${props.autocomplete ?? 'off'}"
      ${props.value !== undefined && html`value="${props.value}"`}
      ${!props.optional && !props.readonly && html`required`}
      ${props.readonly && html`readonly`}
      ${props.autofocus && html`autofocus`}
      ${props.minLength && html`minlength="${props.minLength}"`}
      ${props.maxLength && html`maxlength="${props.maxLength}"`}
      ${problem && html`aria-invalid="true"`}
      ${describedBy({ ...props, id })}
      ${props.attributes}>`,
  );
}

interface Labelled {
  id: string;
  label: Html | string;
  hint?: Html | string | undefined;
  problem?: string | undefined;
  describedBy?: string | undefined;
}

/** A control between its label and what is said of it. */
export function labelled({ id, label, hint, problem }: Labelled, control: Html): Html {
  return html`<div class="field">
    <label for="${id}">${label}</label>
    ${control}
    ${problem && html`<p class="field-problem" id="${id}-problem" role="alert">${problem}</p>`}
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
  </div>`;
}

/** The attribute that has a control's hint and problem read out with it. */
export function describedBy({
  id,
  hint,
  problem,
  describedBy,
}: Omit<Labelled, 'label'>): Html | '' {
  const ids = [problem && `${id}-problem`, describedBy, hint && `${id}-hint`].filter(Boolean);
  return ids.length > 0 ? html`aria-describedby="${ids.join(' ')}"` : '';
}

/** Tells a password manager whose password it is, where the page shows no such field. */
export const hiddenUsername = (username: string | undefined): Html =>
  html`<input type="text" autocomplete="username" value="${username ?? ''}" readonly hidden>`;
