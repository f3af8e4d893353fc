import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { describedBy, labelled } from './field.ts';

interface ControlProps {
  name: string;
  /** Where another form of the page has a control of that name. */
  id?: string | undefined;
  label: Html | string;
  hint?: Html | string | undefined;
  problem?: string | undefined;
}

export interface Option {
  value: string;
  label: string;
}

/** One of several, where there are many or they need no words. */
export function select(
  props: ControlProps & {
    options: Option[];
    value?: string | undefined;
    /** What stands there where nothing is chosen, so that nothing is by accident. */
    choose?: string | undefined;
  },
): Html {
  const { name, id = name, options, value, choose, problem } = props;
  const isChosen = options.some((option) => option.value === value);
  return labelled(
    { ...props, id },
    html`<select id="${id}" name="${name}"${choose && html` required`}${problem && html` aria-invalid="true"`} ${describedBy({ ...props, id })}>${
      choose && !isChosen && html`<option value="" selected>${choose}</option>`
    }${options.map(
      (option) =>
        html`<option value="${option.value}"${option.value === value && html` selected`}>${option.label}</option>`,
    )}</select>`,
  );
}

/** Several lines of text, such as one address a line. */
export function textarea(
  props: ControlProps & {
    value?: string | undefined;
    rows: number;
    placeholder?: string | undefined;
    optional?: boolean;
  },
): Html {
  const { name, id = name, value = '', rows, placeholder, optional, problem } = props;
  // What begins with a line break would lose it.
  return labelled(
    { ...props, id },
    html`<textarea id="${id}" name="${name}" rows="${rows}" autocomplete="off" autocapitalize="none" spellcheck="false"
      ${placeholder && html`placeholder="${placeholder}"`} ${!optional && html`required`} ${problem && html`aria-invalid="true"`}
      ${describedBy({ ...props, id })}>${value.startsWith('\n') && '\n'}${value}</textarea>`,
  );
}

export interface Card {
  value: string;
  label: Html | string;
  description: Html | string;
  icon?: Html;
}

/** One of a few, each with a sentence of its own. */
export function choiceCards(props: {
  name: string;
  legend: Html | string;
  cards: Card[];
  value?: string | undefined;
  hint?: Html | string | undefined;
  problem?: string | undefined;
  /** Beside each other where there is room. */
  wide?: boolean;
}): Html {
  const { name, legend, cards, value, hint, problem, wide } = props;
  return html`<fieldset class="choice cards${wide && ' wide'}" ${describedBy({ id: name, hint, problem })}>
    <legend>${legend}</legend>
    <div>${cards.map(
      (
        card,
      ) => html`<label><input type="radio" name="${name}" value="${card.value}" required${card.value === value && html` checked`}>
        <span class="card-text"><span class="card-label">${card.icon}${card.label}</span><span class="card-description">${card.description}</span></span></label>`,
    )}</div>
    ${problem && html`<p class="field-problem" id="${name}-problem" role="alert">${problem}</p>`}
    ${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
  </fieldset>`;
}

/** Any number of several. What is said of them needs an `id`. */
export function checkboxes(props: {
  id?: string;
  legend: Html | string;
  boxes: { name: string; label: Html | string; description?: Html | string; checked: boolean }[];
  hint?: Html | string | undefined;
  problem?: string | undefined;
}): Html {
  const { id = '', legend, boxes, hint, problem } = props;
  return html`<fieldset class="checks" ${describedBy({ id, hint, problem })}>
    <legend>${legend}</legend>
    <div>${boxes.map(
      ({ name, label, description, checked }) =>
        html`<label><input type="checkbox" name="${name}"${checked && html` checked`}><span><span class="check-label">${label}</span>${description && html` <span class="check-description">${description}</span>`}</span></label>`,
    )}</div>
    ${problem && html`<p class="field-problem" id="${id}-problem" role="alert">${problem}</p>`}
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
  </fieldset>`;
}
