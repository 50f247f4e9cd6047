"""API keys: their form, scopes, life, and how a request is known by one."""
