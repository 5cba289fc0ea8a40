"""Programs and addresses that are told what happens, and may object to it."""
