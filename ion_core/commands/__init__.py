"""Commands of one's own: prompts in Markdown files, called by ``/name``."""
