"""How Authlib's authorization server, which is synchronous, runs on our asynchronous database: its grants and endpoints
ask through hooks, and the hooks wait for our queries in a greenlet (see `sso.oauth2.server`)."""
