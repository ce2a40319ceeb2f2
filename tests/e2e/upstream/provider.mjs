// npm's oidc-provider, in memory, with its own pages for signing in: whoever gives a name is that person.
// node provider.mjs <folder with node_modules> <port> <redirect URI of the one client>

import { pathToFileURL } from 'node:url';

const [folder, port, redirectUri] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(`${folder}/node_modules/oidc-provider/lib/index.js`));

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'resumax',
      client_secret: 'a-secret-between-the-two',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    },
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'locale'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@upstream.example`, email_verified: true, name: id, locale: 'de' }),
  }),
  pkce: { required: () => true },
});

provider.listen(Number(port), '127.0.0.1');
