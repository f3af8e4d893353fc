import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';

/** The wrong fields of a form, each with what is wrong with it. */
export type Problems<Field extends string = string> = Partial<Record<Field, string | undefined>>;

interface FormState<Field extends string> {
  /** The fields in the order of the page. */
  order: readonly NoInfer<Field>[];
  values?: Partial<Record<Field, string | undefined>> | undefined;
  problems?: Problems<Field> | undefined;
  /** Whether the first field has the focus if none is wrong. False for a form that is not what its page is for. */
  focusFirst?: boolean;
}

/**
 * Gives each field of a form what `field`, `select`, `textarea` and the other controls share: name, value, problem, and
 * the focus, which belongs to the first wrong field, otherwise to the first one.
 */
export function fieldsOf<Field extends string>({
  order,
  values = {},
  problems = {},
  focusFirst = true,
}: FormState<Field>) {
  const focused = order.find((name) => problems[name]) ?? (focusFirst ? order[0] : undefined);
  return (name: Field) => ({
    name,
    value: values[name],
    problem: problems[name],
    autofocus: name === focused,
  });
}

export interface FieldProps {
  name: string;
  /** If another form of the page has a field with this name. */
  id?: string | undefined;
  label: Html | string;
  type?: 'text' | 'email' | 'password';
  value?: string | undefined;
  /** Default `off`: browsers suggest nothing. */
  autocomplete?: string;
  /** How to fill it in. */
  hint?: Html | string | undefined;
  /** What is wrong with its value. */
  problem?: string | undefined;
  /** The id of a problem shown elsewhere on the page. */
  describedBy?: string | undefined;
  autofocus?: boolean;
  readonly?: boolean;
  optional?: boolean;
  minLength?: number;
  maxLength?: number;
  /** Attributes that only this field needs. */
  attributes?: Html;
}

/** A labelled input. Screen readers read its hint and its problem with it. */
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

/** A control between its label and its problem and hint. */
export function labelled({ id, label, hint, problem }: Labelled, control: Html): Html {
  return html`<div class="field">
    <label for="${id}">${label}</label>
    ${control}
    ${problem && html`<p class="field-problem" id="${id}-problem" role="alert">${problem}</p>`}
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
  </div>`;
}

/** The attribute that makes screen readers read a control's problem and hint with it. */
export function describedBy({
  id,
  hint,
  problem,
  describedBy,
}: Omit<Labelled, 'label'>): Html | '' {
  const ids = [problem && `${id}-problem`, describedBy, hint && `${id}-hint`].filter(Boolean);
  return ids.length > 0 ? html`aria-describedby="${ids.join(' ')}"` : '';
}

/** Tells a password manager whose password it is, on a page that shows no such field. */
export const hiddenUsername = (username: string | undefined): Html =>
  html`<input type="text" autocomplete="username" value="${username ?? ''}" readonly hidden>`;
