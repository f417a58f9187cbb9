"""The parties around the runtime that a scenario plays: model, realtime provider, login endpoints, MCP servers."""
