"""Credential realms: what the configuration says of them, what is stored for them, and the logins under way (spec 06)."""
