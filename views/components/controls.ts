import { html } from 'hono/html';
import type { Html } from '../layout/frame.ts';
import { describedBy, labelled } from './field.ts';

interface ControlProps {
  name: string;
  /** If another form of the page has a control with this name. */
  id?: string | undefined;
  label: Html | string;
  hint?: Html | string | undefined;
  problem?: string | undefined;
  autofocus?: boolean;
}

export interface Option {
  value: string;
  label: string;
}

/** A choice of one among many, or among options that need no sentence each. */
export function select(
  props: ControlProps & {
    options: Option[];
    value?: string | undefined;
    /** The text while nothing is chosen, which prevents a choice by accident. */
    choose?: string | undefined;
  },
): Html {
  const { name, id = name, options, value, choose, problem, autofocus } = props;
  const isChosen = options.some((option) => option.value === value);
  return labelled(
    { ...props, id },
    html`<select id="${id}" name="${name}"${choose && html` required`}${autofocus && html` autofocus`}${problem && html` aria-invalid="true"`} ${describedBy({ ...props, id })}>${
      choose && !isChosen && html`<option value="" selected>${choose}</option>`
    }${options.map(
      (option) =>
        html`<option value="${option.value}"${option.value === value && html` selected`}>${option.label}</option>`,
    )}</select>`,
  );
}

/** Several lines of text, such as one URL per line. */
export function textarea(
  props: ControlProps & {
    value?: string | undefined;
    rows: number;
    placeholder?: string | undefined;
    optional?: boolean;
  },
): Html {
  const { name, id = name, value = '', rows, placeholder, optional, problem, autofocus } = props;
  // HTML drops a line break at the beginning.
  return labelled(
    { ...props, id },
    html`<textarea id="${id}" name="${name}" rows="${rows}" autocomplete="off" autocapitalize="none" spellcheck="false"
      ${placeholder && html`placeholder="${placeholder}"`} ${!optional && html`required`} ${autofocus && html`autofocus`} ${problem && html`aria-invalid="true"`}
      ${describedBy({ ...props, id })}>${value.startsWith('\n') && '\n'}${value}</textarea>`,
  );
}

export interface Card {
  value: string;
  label: Html | string;
  description: Html | string;
  icon?: Html;
}

/** A choice of one among a few, each with its own sentence. */
export function choiceCards(props: {
  name: string;
  legend: Html | string;
  cards: Card[];
  value?: string | undefined;
  hint?: Html | string | undefined;
  problem?: string | undefined;
  /** Side by side if there is space. */
  wide?: boolean;
  autofocus?: boolean;
}): Html {
  const { name, legend, cards, value, hint, problem, wide, autofocus } = props;
  const focused = cards.find((card) => card.value === value) ?? cards[0];
  return html`<fieldset class="choice cards${wide && ' wide'}" ${describedBy({ id: name, hint, problem })}>
    <legend>${legend}</legend>
    <div>${cards.map(
      (
        card,
      ) => html`<label><input type="radio" name="${name}" value="${card.value}" required${card.value === value && html` checked`}${autofocus && card === focused && html` autofocus`}>
        <span class="card-text"><span class="card-label">${card.icon}${card.label}</span><span class="card-description">${card.description}</span></span></label>`,
    )}</div>
    ${problem && html`<p class="field-problem" id="${name}-problem" role="alert">${problem}</p>`}
    ${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
  </fieldset>`;
}

/** A choice of any number. A hint or a problem needs an `id`. */
export function checkboxes(props: {
  id?: string;
  legend: Html | string;
  boxes: { name: string; label: Html | string; description?: Html | string; checked: boolean }[];
  hint?: Html | string | undefined;
  problem?: string | undefined;
  autofocus?: boolean;
}): Html {
  const { id = '', legend, boxes, hint, problem, autofocus } = props;
  return html`<fieldset class="checks" ${describedBy({ id, hint, problem })}>
    <legend>${legend}</legend>
    <div>${boxes.map(
      ({ name, label, description, checked }, index) =>
        html`<label><input type="checkbox" name="${name}"${checked && html` checked`}${autofocus && index === 0 && html` autofocus`}><span><span class="check-label">${label}</span>${description && html` <span class="check-description">${description}</span>`}</span></label>`,
    )}</div>
    ${problem && html`<p class="field-problem" id="${id}-problem" role="alert">${problem}</p>`}
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
  </fieldset>`;
}

/** One choice that stands by itself. */
export const checkbox = (name: string, label: Html | string): Html =>
  html`<div class="checks"><label><input type="checkbox" name="${name}"><span class="check-label">${label}</span></label></div>`;
