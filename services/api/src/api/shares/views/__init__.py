"""How often links are opened: counted without holding visitors up, and without knowing who they are."""
