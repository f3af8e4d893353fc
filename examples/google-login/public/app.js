// The page: asks its own server for the token of the person, then Writ what the token is, and the SQL API for data.
const at = (id) => document.getElementById(id);

const read = async (url, options) => {
  const response = await fetch(url, options);
  return { status: response.status, ok: response.ok, body: await response.json() };
};

const say = (text) => {
  at('message').textContent = text;
};

const { body: config } = await read('/config');
const { body: session } = await read('/session');

// There is no refresh: when a token has expired, the person signs in again.
const expiresAt = session?.data.expiresAt;
const isOver = expiresAt && new Date(expiresAt) <= new Date();

if (session && !isOver) await showData(session);
else {
  say(isOver ? 'Your token has expired.' : 'You are not signed in.');
  at('signed-out').hidden = false;
}

async function showData({ name, data }) {
  const headers = { Authorization: `Bearer ${data.token}` };
  const details = await read(`${config.writ}/v2/tokens/details`, { headers });
  at('signed-in').hidden = false;
  at('who').textContent = name;
  at('token').textContent = details.ok
    ? `Token ${details.body.data.accessTokenId}, ${details.body.data.attributes.role}, until ${details.body.data.expiresAt}`
    : 'Your token is not valid any more.';
  at('query').addEventListener('submit', (event) => {
    event.preventDefault();
    run(headers);
  });
  await run(headers);
}

async function run(headers) {
  say('Reading…');
  const { ok, body } = await read(`${config.sql}/v2/weblite/sql`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ sql: at('sql').value }),
  });
  showRows(ok ? body.data : []);
  say(ok ? `${body.data.length} rows` : body.errors[0].detail);
}

function showRows(rows) {
  const cells = (tag, values) => {
    const row = document.createElement('tr');
    row.append(
      ...values.map((value) => Object.assign(document.createElement(tag), { textContent: value })),
    );
    return row;
  };
  const [first] = rows;
  at('rows').replaceChildren(
    ...(first ? [cells('th', Object.keys(first))] : []),
    ...rows.map((row) => cells('td', Object.values(row))),
  );
}
