"""MCP servers: what they are declared as, how they are reached, and their tools as ion's."""
