"""Worker processes: what lays out documents runs in children of the service, which can be killed."""
