"""The classifier: which shell commands are proved to change nothing and to tell no secret."""
