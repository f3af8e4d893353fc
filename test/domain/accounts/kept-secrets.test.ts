import { expect, test } from '@jest/globals';
import { serverActor } from '../../../src/domain/roles/server-actor.ts';
import { dumpDatabase } from '../../secrecy/stores.ts';
import { goodPassword, onEveryStore, openPeople } from './people.ts';

onEveryStore((store) => {
  test('no store contains a password, session, known-browser mark or invitation in clear', async () => {
    const people = openPeople(store());
    const { id, email } = await people.person();
    const wrong = 'what they typed by mistake';
    const next = 'seven boats on the roof';
    await people.wrong(2, { email, password: wrong });
    const first = await people.signIn({ email });
    const session = await people.sessions.find(first.value);
    const invitation = await people.invitations.create(serverActor, id);
    const change = { accountId: id, sessionId: String(session?.id), next, ip: undefined };
    await people.passwords.change({ ...change, current: wrong }).catch(() => {});
    const { knownBrowser } = await people.passwords.change({ ...change, current: goodPassword });
    const second = await people.signIn({ email, password: next });
    await people.wrong(1, { email, password: wrong, knownBrowser: second.knownBrowser });

    let kept = await dumpDatabase(store().database);
    const { redis } = store();
    if (redis && 'options' in redis) {
      const keys = await redis.keys(`${redis.options.keyPrefix ?? ''}*`);
      expect(keys.length).toBeGreaterThan(0);
      kept += keys.join('\n');
    } else expect(kept).toContain('writ:limit:sign-in');
    expect(kept).toContain(String(session?.id));
    const secrets = {
      goodPassword,
      wrong,
      next,
      session: first.value,
      'the second session': second.value,
      invitation: invitation.value,
      'the letters of the invitation': invitation.value.slice('writ_inv_'.length),
      'the known browser': first.knownBrowser.slice(0, 22),
      'the mark of the browser': first.knownBrowser.slice(23),
      'the known browser after the change': knownBrowser.slice(0, 22),
    };
    for (const [what, value] of Object.entries(secrets))
      for (const spelling of [value, Buffer.from(value).toString('hex')])
        expect({ what, found: kept.includes(spelling) }).toEqual({ what, found: false });
    const counted = kept.split('\n').filter((line) => line.includes('writ:limit:'));
    expect(counted.filter((line) => line.includes(email) || line.includes('192.0.2.1'))).toEqual(
      [],
    );
  });
});
