"""The compaction room: how a long conversation is made short without forgetting."""
