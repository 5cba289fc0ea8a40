"""The tools' room: what a model can do, each tool a file of its own."""
