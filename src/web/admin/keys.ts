import { type AdminKeysProps, adminKeys } from '../../../views/admin/keys.ts';
import type { Keys } from '../../domain/keys/index.ts';
import { signingAlgs } from '../../domain/keys/signing-keys.ts';
import { OAuthError } from '../../oauth/errors.ts';
import { tryForm } from '../framework/forms.ts';
import { type NoticeName, withNotice } from '../framework/notices.ts';
import { seeOther } from '../framework/page-renderer.ts';
import type { Call, Console } from './console.ts';

interface Dependencies {
  signingKeys: Keys;
}

const home = '/admin/keys';

/** `/admin/keys`: the states of the signing keys, their rotation and revocation, and encrypting secrets again. */
export function keyPages({ page, form: formAt }: Console, { signingKeys }: Dependencies): void {
  const show = async (call: Call, rest: Pick<AdminKeysProps, 'problem'> = {}, status = 200) => {
    const keys = (await signingKeys.list()).map((key) => ({
      kid: key.kid,
      alg: key.alg,
      state: key.state,
      createdAt: key.created_at,
      signingSince: key.signing_since,
      retiredAt: key.retired_at,
      readyAt: key.ready_at,
    }));
    await call.show((frame) => adminKeys(frame, { keys, ...rest }), { status });
  };

  const change = (
    name: string,
    done: NoticeName,
    run: (form: Record<string, string>) => Promise<unknown>,
  ) =>
    formAt(`${home}/${name}`, 'keys:write', { back: home }, (call) =>
      tryForm(
        async () => {
          await run(call.form);
          seeOther(call.ctx, withNotice(home, done));
        },
        ({ general, status }) => show(call, { problem: general }, status),
      ),
    );

  page(home, 'keys:read', (call) => show(call));

  change('rotate', 'keys_rotated', (form) => {
    const alg = signingAlgs.find((each) => each === form['alg']);
    if (!alg) throw new OAuthError('invalid_request', 'Choose the algorithm whose keys to rotate.');
    return signingKeys.rotate(alg);
  });
  change('revoke', 'key_revoked', async (form) => {
    if (!(await signingKeys.revoke(form['kid'] ?? '')))
      throw new OAuthError('not_found', 'There is no such key.');
  });
  change('reseal', 'keys_resealed', () => signingKeys.reseal());
}
