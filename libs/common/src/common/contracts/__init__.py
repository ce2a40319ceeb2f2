"""What the services say to each other. Additive only: each Struct has a golden JSON that must decode for ever."""
