// npm's oauth4webapi, which checks each answer by the letter: a client that signs, and one that has nothing to prove.
// node oauth4webapi.mjs <folder with node_modules> <setting as JSON>

import { load, setting, tell, visit } from './talking.mjs';

const oauth = await load('oauth4webapi');
const insecure = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(setting.issuer);
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
const asOAuth = await oauth.processDiscoveryResponse(
  issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }),
);

async function signIn(client, proof, redirectUri, scope) {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const address = new URL(server.authorization_endpoint);
  address.search = new URLSearchParams({
    client_id: client.client_id, redirect_uri: redirectUri, response_type: 'code', scope, state, nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  });
  const back = await visit(address);
  const parameters = oauth.validateAuthResponse(server, client, back, state);  // `iss` too (RFC 9207)
  const answer = await oauth.authorizationCodeGrantRequest(
    server, client, proof, parameters, redirectUri, verifier, insecure,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: nonce, requireIdToken: true });
  await oauth.validateApplicationLevelSignature(server, answer, insecure);
  return tokens;
}

/** Sign in, look at what came, refresh, revoke: by the rules of the library. */
async function goThrough(client, proof, redirectUri) {
  const tokens = await signIn(client, proof, redirectUri, 'openid email offline_access resumes:read');
  const { sub } = oauth.getValidatedIdTokenClaims(tokens);
  const user = await oauth.processUserInfoResponse(
    server, client, sub, await oauth.userInfoRequest(server, client, tokens.access_token, insecure),
  );
  const shown = new Request('https://api.test/', { headers: { authorization: `Bearer ${tokens.access_token}` } });
  const access = await oauth.validateJwtAccessToken(server, shown, 'api', insecure);  // RFC 9068
  const later = await oauth.processRefreshTokenResponse(
    server, client, await oauth.refreshTokenGrantRequest(server, client, proof, tokens.refresh_token, insecure),
  );
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, proof, later.refresh_token, insecure),
  );
  return { sub, email: user.email, scope: access.scope, client: access.client_id, refreshed: Boolean(later.id_token) };
}

const key = await crypto.subtle.importKey(
  'jwk', setting.key, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'],
);
const signing = { client_id: setting.signingId };
const signed = await goThrough(signing, oauth.PrivateKeyJwt({ key, kid: setting.key.kid }), setting.signingUri);
const told = await oauth.processIntrospectionResponse(
  server, signing,
  await oauth.introspectionRequest(server, signing, oauth.PrivateKeyJwt({ key, kid: setting.key.kid }), 'x', insecure),
);

const native = await goThrough({ client_id: setting.nativeId }, oauth.None(), setting.nativeUri);
const device = await oauth.processDeviceAuthorizationResponse(
  server, { client_id: setting.nativeId },
  await oauth.deviceAuthorizationRequest(server, { client_id: setting.nativeId }, oauth.None(), { scope: 'openid' }, insecure),
);
const pending = await oauth.processDeviceCodeResponse(
  server, { client_id: setting.nativeId },
  await oauth.deviceCodeGrantRequest(server, { client_id: setting.nativeId }, oauth.None(), device.device_code, insecure),
).catch((thrown) => thrown.error);

tell({ done: { signed, native, told, pending, sameIssuer: asOAuth.issuer === server.issuer } });
