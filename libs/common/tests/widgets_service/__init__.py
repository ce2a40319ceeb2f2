"""The smallest service: one table, one route of each kind. What `common` promises is tested through it."""
