"""Webhooks: what the api wants told to its users' endpoints is carried there."""
