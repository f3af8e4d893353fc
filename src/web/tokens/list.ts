import type Router from '@koa/router';
import { endOf, type TokenShown } from '../../../views/components/token.ts';
import { accountTokens, type TokenSort } from '../../../views/tokens/list.ts';
import { queryValue } from '../../http/form.ts';
import { noticeOf } from '../framework/notices.ts';
import { tokenShown } from './named-token-view.ts';
import type { TokenDependencies } from './types.ts';

export const tokensPath = '/account/tokens';

/** `/account/tokens`: the tokens of the person, searched and sorted. */
export function tokenListPage(router: Router, { pages, personalTokens }: TokenDependencies): void {
  const orders = ordersBy(new Intl.Collator('en', { numeric: true }).compare);
  router.get(tokensPath, (ctx) =>
    pages.forPerson(ctx, { returnTo: tokensPath }, async (person) => {
      const { id } = person.session.account;
      const search = (queryValue(ctx, 'q') ?? '').trim();
      const [sort, reversed] = readSort(orders, queryValue(ctx, 'sort') ?? '');
      const [tokens, choices] = await Promise.all([
        personalTokens.list(id),
        personalTokens.choices(id),
      ]);
      const compare = reversed
        ? (a: TokenShown, b: TokenShown) => orders[sort](b, a)
        : orders[sort];
      const found = tokens
        .map((token) => tokenShown(token, choices, tokens))
        .filter((token) => isFound(token, search))
        .sort(compare);
      await pages.show(
        ctx,
        person,
        (frame) =>
          accountTokens(frame, {
            active: found.filter(({ status }) => status === 'active'),
            ended: found.filter(({ status }) => status !== 'active'),
            search,
            sort,
            reversed,
            any: tokens.length > 0,
            canCreate: choices.length > 0,
          }),
        { current: 'tokens', notice: noticeOf(ctx) },
      );
    }),
  );
}

/** Reads `?sort=`: the name of a column, with a minus for the opposite order. Default: the newest first. */
function readSort(orders: object, text: string): [sort: TokenSort, reversed: boolean] {
  const name = text.replace(/^-/, '');
  return Object.hasOwn(orders, name)
    ? [name as TokenSort, text.startsWith('-')]
    : ['created', false];
}

const time = (date: Date | null, absent: number): number => date?.getTime() ?? absent;

type Order = (a: TokenShown, b: TokenShown) => number;

const ordersBy = (byLetters: (a: string, b: string) => number): Record<TokenSort, Order> => ({
  name: (a, b) => byLetters(a.name, b.name),
  created: (a, b) => b.createdAt.getTime() - a.createdAt.getTime(),
  // The latest possible date stands for no expiry, so that two of them are equal.
  expires: (a, b) => time(endOf(a), 8.64e15) - time(endOf(b), 8.64e15),
  used: (a, b) => time(b.lastUsedAt, 0) - time(a.lastUsedAt, 0),
});

const isFound = ({ name, scopes }: TokenShown, search: string): boolean =>
  [name, ...scopes.map((scope) => scope.name)].some((text) =>
    text.toLowerCase().includes(search.toLowerCase()),
  );
