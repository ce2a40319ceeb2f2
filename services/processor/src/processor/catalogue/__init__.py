"""The templates that ship with this service, and how others learn of them."""
