"""Skills: instructions for one kind of work, read when that work comes up (agentskills.io)."""
