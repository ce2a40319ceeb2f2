"""The picture of links that messengers show, where there is none of the resume itself, or none for everybody."""

from common.ui.assets import Asset

NEUTRAL = Asset("api.shares", "neutral.png", path="/r/neutral.png", media_type="image/png")
