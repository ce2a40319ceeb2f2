"""Every template with the same documents, as pages that one can look at: `make gallery`."""
