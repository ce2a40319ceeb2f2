"""What stands at the edges of the processor in its tests: the api, a mail server, a storage that breaks off."""
