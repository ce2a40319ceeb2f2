"""Mails: what is written in them, in which language, and how they leave."""
