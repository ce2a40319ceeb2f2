// A single-page app as the documentation of oidc-client-ts has it. Its client id and the issuer are in `app.json`.

const show = (id, text) => (document.getElementById(id).textContent = text);

async function start() {
  const { issuer, clientId } = await (await fetch('app.json')).json();
  const manager = new oidc.UserManager({
    authority: issuer,
    client_id: clientId,
    redirect_uri: location.origin + '/',
    post_logout_redirect_uri: location.origin + '/',
    scope: 'openid profile email offline_access',
    loadUserInfo: true,
    automaticSilentRenew: false,
    revokeTokensOnSignout: true,
  });
  let count = 0;
  const loaded = (user) => {
    show('email', user ? user.profile.email : 'nobody');
    show('subject', user ? user.profile.sub : '');
    show('count', user ? ++count : 0);
  };
  const failed = (error) => show('error', error.error || error.message);
  document.getElementById('in').onclick = () => manager.signinRedirect().catch(failed);
  document.getElementById('again').onclick = () => manager.signinSilent().then(loaded).catch(failed);
  document.getElementById('out').onclick = () => manager.signoutRedirect().catch(failed);
  if (location.search.includes('code=') || location.search.includes('error=')) {
    await manager.signinCallback().then(loaded).catch(failed);
    history.replaceState(null, '', '/');
  } else if (location.search.includes('state=')) {
    await manager.signoutCallback().catch(failed);
    history.replaceState(null, '', '/');
  } else {
    loaded(await manager.getUser());
  }
}

start();
