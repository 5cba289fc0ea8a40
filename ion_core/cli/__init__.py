"""The command line of the headless half: one module a command."""
