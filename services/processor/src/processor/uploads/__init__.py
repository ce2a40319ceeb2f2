"""Templates that staff, or by setting users, upload: checked in a locked-down process, then published like the others."""
