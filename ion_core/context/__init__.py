"""The context room: from a path of entries to the request that a model reads."""
