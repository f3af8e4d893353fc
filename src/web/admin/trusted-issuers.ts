import type { Context } from 'koa';
import {
  type IssuerPresetName,
  issuerPresets,
  issuerTokens,
  readClaims,
} from '../../../config/trusted-issuers.ts';
import {
  type IssuerField,
  type IssuerNewProps,
  type IssuerShown,
  type RuleField,
  type TrialShown,
  type TrustedIssuerProps,
  trustedIssuer,
  trustedIssuerNew,
  trustedIssuers as trustedIssuersView,
} from '../../../views/admin/trusted-issuers.ts';
import type { TrustedIssuers } from '../../domain/issuers/issuers.ts';
import { type GivenRule, issuerNotFound } from '../../domain/issuers/settings.ts';
import { type Trial, tryToken } from '../../domain/issuers/try.ts';
import type { IssuerKeys, TrustedIssuer } from '../../domain/issuers/types.ts';
import type { VerifyIssued } from '../../domain/issuers/verify.ts';
import type { Caller } from '../../domain/roles/management-actor.ts';
import { OAuthError, parameterError } from '../../oauth/errors.ts';
import { linesOf, type Refusal, tryForm } from '../framework/forms.ts';
import { type NoticeName, withNotice } from '../framework/notices.ts';
import { seeOther } from '../framework/page-renderer.ts';
import type { Call, Console } from './console.ts';

interface Dependencies {
  trustedIssuers: Pick<
    TrustedIssuers,
    'all' | 'find' | 'create' | 'update' | 'revokeTokens' | 'delete'
  >;
  issuerKeys: Pick<IssuerKeys, 'check' | 'state'>;
  verifyIssued: VerifyIssued;
}

const home = '/admin/trusted-issuers';

const presets = Object.entries(issuerPresets).map(([id, { name }]) => ({ id, name }));

const issuerFields: Partial<Record<IssuerField, string>> = {
  id: 'id',
  name: 'name',
  issuer: 'issuer',
  tenant: 'tenant',
  jwks_uri: 'jwks_uri',
  jwks: 'jwks',
  audiences: 'audiences',
};

/** `/admin/trusted-issuers`: the issuers whose tokens replace secrets, their keys and rules, and a trial. */
export function trustedIssuerPages(
  { page, form: formAt }: Console,
  { trustedIssuers, issuerKeys, verifyIssued }: Dependencies,
): void {
  const idOf = (ctx: Context) => String(ctx['params']['issuer']);
  const pathOf = (ctx: Context) => `${home}/${encodeURIComponent(idOf(ctx))}`;

  const found = async (ctx: Context): Promise<TrustedIssuer> => {
    const issuer = await trustedIssuers.find(idOf(ctx));
    if (!issuer) throw issuerNotFound(idOf(ctx));
    return issuer;
  };

  const show = async (
    call: Call,
    rest: Omit<TrustedIssuerProps, 'issuer' | 'keys'> = {},
    status = 200,
  ) => {
    const issuer = await found(call.ctx);
    const props = { issuer: shown(issuer), keys: issuerKeys.state(issuer), ...rest };
    await call.show((frame) => trustedIssuer(frame, props), { status });
  };

  const showNew = (call: Call, rest: Omit<IssuerNewProps, 'presets'>, status = 200) =>
    call.show((frame) => trustedIssuerNew(frame, { presets, ...rest }), { status });

  page(home, 'clients:read', async (call) => {
    const issuers = (await trustedIssuers.all()).map(shown);
    await call.show((frame) => trustedIssuersView(frame, { issuers }));
  });

  // `new` comes before the IDs of issuers: one with this ID has no page, only the API.
  page(`${home}/new`, 'clients:write', (call) => showNew(call, {}));

  formAt(home, 'clients:write', { back: `${home}/new` }, (call) =>
    tryForm(
      async () => {
        const { id = '', preset, tenant, name, issuer, jwks_uri: uri } = call.form;
        const audiences = linesOf(call.form['audiences']);
        const jwks = keysIn(call.form['jwks']);
        await trustedIssuers.create(call.actor, id.trim(), {
          ...(preset && preset in issuerPresets && { preset: preset as IssuerPresetName }),
          ...(tenant?.trim() && { tenant: tenant.trim() }),
          ...(name?.trim() && { name: name.trim() }),
          ...(issuer?.trim() && { issuer: issuer.trim() }),
          ...(uri?.trim() && { jwks_uri: uri.trim() }),
          ...(jwks && { jwks }),
          ...(audiences.length > 0 && { audiences }),
          ...(call.form['private_network'] === 'on' && { private_network: true }),
        });
        const path = `${home}/${encodeURIComponent(id.trim())}`;
        seeOther(call.ctx, withNotice(path, 'issuer_created'));
      },
      ({ problems, general, status }: Refusal<IssuerField>) =>
        showNew(call, { values: call.form, problems, problem: general }, status),
      issuerFields,
    ),
  );

  page(`${home}/:issuer`, 'clients:read', (call) => show(call));

  /** A form that changes the issuer. Afterwards a page shows the notice `done`. */
  const change = (
    name: string,
    done: NoticeName | ((ctx: Context) => Promise<NoticeName>),
    run: (actor: Caller, ctx: Context, form: Record<string, string>) => Promise<unknown>,
    { next = pathOf, keeps = false }: { next?: (ctx: Context) => string; keeps?: boolean } = {},
  ) =>
    formAt(`${home}/:issuer/${name}`, 'clients:write', { back: pathOf }, (call) =>
      tryForm(
        async () => {
          const { actor, ctx, form } = call;
          await run(actor, ctx, form);
          seeOther(ctx, withNotice(next(ctx), typeof done === 'string' ? done : await done(ctx)));
        },
        ({ problems, general, status }: Refusal<RuleField>) =>
          show(call, { ...(keeps && { values: call.form }), problems, problem: general }, status),
      ),
    );

  /** `from` is the issuer that the changes were made from. Throws `conflict` if it has been changed since. */
  const update = async (
    actor: Caller,
    ctx: Context,
    changes: Parameters<TrustedIssuers['update']>[2],
    from?: TrustedIssuer,
  ) => {
    const unchanged = (current: TrustedIssuer | undefined) => {
      if (from && current && current.updated_at.getTime() !== from.updated_at.getTime())
        throw new OAuthError('conflict', 'The issuer was changed meanwhile. Please try again.');
    };
    if (!(await trustedIssuers.update(actor, idOf(ctx), changes, unchanged)))
      throw issuerNotFound(idOf(ctx));
  };

  change('enable', 'issuer_enabled', (actor, ctx) => update(actor, ctx, { enabled: true }));
  change('end-tokens', 'issuer_tokens_ended', (actor, ctx) =>
    trustedIssuers.revokeTokens(actor, idOf(ctx)),
  );
  change('disable', 'issuer_disabled', (actor, ctx) => update(actor, ctx, { enabled: false }));
  change('delete', 'issuer_deleted', (actor, ctx) => trustedIssuers.delete(actor, idOf(ctx)), {
    next: () => home,
  });
  change(
    'rules',
    'issuer_rule_added',
    async (actor, ctx, form) => {
      const issuer = await found(ctx);
      await update(actor, ctx, { rules: [...issuer.rules, ruleIn(form)] }, issuer);
    },
    { keeps: true },
  );
  change(
    'rules/delete',
    async (ctx) =>
      (await found(ctx)).uses.includes('workload_identity')
        ? 'issuer_rule_deleted'
        : 'issuer_exchange_rule_deleted',
    async (actor, ctx, form) => {
      const issuer = await found(ctx);
      const rules = issuer.rules.filter(({ name }) => name !== form['rule']);
      await update(actor, ctx, { rules }, issuer);
    },
  );

  // Neither changes anything: those who may see the issuer may ask.
  const asking = { back: pathOf, recent: false };
  formAt(`${home}/:issuer/check`, 'clients:read', asking, async (call) =>
    show(call, { findings: await issuerKeys.check(await found(call.ctx)) }),
  );

  // The token is in the body of the request only: it is neither stored, logged nor shown again.
  formAt(`${home}/:issuer/try`, 'clients:read', asking, async (call) => {
    const token = call.form['token']?.trim() ?? '';
    if (token === '' || token.length > issuerTokens.maxLength)
      return show(call, { problems: { token: 'Paste a token.' } }, 400);
    const issuer = await found(call.ctx);
    await show(call, { trial: trialShown(await tryToken(issuer, token, verifyIssued)) });
  });
}

const shown = ({
  jwks_uri,
  jwks,
  max_age,
  token_lifetime,
  single_use,
  private_network,
  created_at,
  ...rest
}: TrustedIssuer): IssuerShown => ({
  ...rest,
  jwksUri: jwks_uri,
  hasPastedKeys: jwks !== null,
  maxAge: max_age,
  tokenLifetime: token_lifetime,
  singleUse: single_use,
  privateNetwork: private_network,
  createdAt: created_at,
});

function trialShown({ problem, subject, client, rules }: Trial): TrialShown {
  const deciding = client === null ? undefined : rules.find(({ matches }) => matches);
  return {
    problem,
    subject,
    client,
    rule: deciding?.rule,
    others: rules
      .filter((result) => result !== deciding)
      .map(({ rule: { name, enabled }, mismatches }) => ({ name, enabled, mismatches })),
  };
}

/** The JWK Set of the text; undefined if it is empty. Throws `invalid_request` if it is none. */
function keysIn(text: string | undefined): TrustedIssuer['jwks'] | undefined {
  if (!text?.trim()) return undefined;
  try {
    const { keys } = JSON.parse(text) as { keys: unknown };
    if (Array.isArray(keys) && keys.every((key) => typeof key === 'object' && key !== null))
      return { keys };
  } catch {
    // Refused below.
  }
  throw parameterError('invalid_request', 'jwks', 'must be a JWK Set: {"keys": […]}.');
}

/** The rule of a form. Throws `invalid_request` for what cannot be read. */
function ruleIn(form: Record<string, string>): GivenRule {
  const claims = readClaims(
    linesOf(form['claims']),
    (line) =>
      new OAuthError('invalid_request', `The line “${line.slice(0, 80)}” is not CLAIM=PATTERN.`),
  );
  const words = (text: string | undefined) => text?.trim().split(/\s+/).filter(Boolean) ?? [];
  const [scopes, roles] = [words(form['scopes']), words(form['roles'])];
  const name = form['rule_name']?.trim() ?? '';
  const client = form['client']?.trim() ?? '';
  if (name === '' || name.length > 60)
    throw new OAuthError('invalid_request', 'The rule needs a name of at most 60 characters.');
  return {
    name,
    claims,
    client,
    scopes: scopes.length > 0 ? scopes : null,
    roles: roles.length > 0 ? roles : null,
  };
}
