/**
 * Shows the times of a page (`views/components/time.ts`) in the time zone of the browser, with UTC in the title.
 * Without it they stay in UTC, and say so.
 */
export const timesScript = `'use strict';
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const two = (number) => String(number).padStart(2, '0');
const inEnglish = (date) => date.getDate() + ' ' + months[date.getMonth()] + ' ' + date.getFullYear() + ', ' + two(date.getHours()) + ':' + two(date.getMinutes());
const { lang } = document.documentElement;
const local = lang === 'en' ? inEnglish : (date) => new Intl.DateTimeFormat(lang, { dateStyle: 'long', timeStyle: 'short' }).format(date);
for (const time of document.querySelectorAll('time[data-shows]')) {
  const date = new Date(time.dateTime);
  if (time.dataset.shows === 'moment') {
    time.title = time.textContent;
    time.textContent = local(date);
  } else {
    time.title = local(date) + ' (' + time.title + ')';
  }
}
`;
