"""The desk: the local stack's start page, and the mail that the stack sent."""
