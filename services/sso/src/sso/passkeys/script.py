"""The script of passkeys, which is the only thing on our pages that does not work without one."""

from common.ui.assets import Asset

SCRIPT = Asset("sso.passkeys", "passkeys.js", path="/auth/ui/passkeys.js", media_type="text/javascript")
