"""Runs resuMAX on one machine: `make up` and what belongs to it. Imports nothing of the services."""
