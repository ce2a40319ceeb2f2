// npm's openid-client: all that it offers and this server does.
// node openid-client.mjs <folder with node_modules> <setting as JSON>

import { failsWith, load, setting, tell, visit } from './talking.mjs';

const oidc = await load('openid-client');
const { issuer, clientId, clientSecret, redirectUri, goodbyeUri } = setting;

const config = await oidc.discovery(
  new URL(issuer), clientId, clientSecret, oidc.ClientSecretBasic(clientSecret), { execute: [oidc.allowInsecureRequests] },
);
oidc.enableNonRepudiationChecks(config);  // it checks the signatures of ID tokens too

async function signIn(scope, more = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const address = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri, scope, state, nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
    ...more,
  });
  const back = await visit(address);
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  return oidc.authorizationCodeGrant(config, back, more.max_age ? { ...checks, maxAge: Number(more.max_age) } : checks);
}

const tokens = await signIn('openid profile email offline_access resumes:read');
const subject = tokens.claims().sub;
const user = await oidc.fetchUserInfo(config, tokens.access_token, subject);

const later = await oidc.refreshTokenGrant(config, tokens.refresh_token);
const described = await oidc.tokenIntrospection(config, later.access_token);
const foreign = await oidc.tokenIntrospection(config, setting.foreignToken);

const silent = await failsWith('consent_required', signIn('openid resumes:write', { prompt: 'none' }));
const recent = await signIn('openid', { max_age: '600', acr_values: 'urn:resumax:acr:single-factor' });

const own = await oidc.clientCredentialsGrant(config, { scope: 'resumes:read' });

await oidc.tokenRevocation(config, later.refresh_token);
const revoked = await failsWith('invalid_grant', oidc.refreshTokenGrant(config, later.refresh_token));
const over = await oidc.tokenIntrospection(config, later.access_token);

const device = await oidc.initiateDeviceAuthorization(config, { scope: 'openid resumes:read' });
tell({ device });
const fromDevice = await oidc.pollDeviceAuthorizationGrant(config, device);

const goodbye = await visit(oidc.buildEndSessionUrl(config, {
  id_token_hint: recent.id_token, post_logout_redirect_uri: goodbyeUri, state: 'bye',
}));

tell({
  done: {
    subject, user, described, foreign, silent, revoked, over,
    goodbye: String(goodbye),
    authTime: recent.claims().auth_time,
    ownScope: own.scope,
    deviceSubject: fromDevice.claims().sub,
    refreshed: later.refresh_token !== tokens.refresh_token,
  },
});
