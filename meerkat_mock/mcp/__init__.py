"""MCP servers of sessions: who they are, how they are reached, when a change of them takes effect (spec 05, section 6)."""
