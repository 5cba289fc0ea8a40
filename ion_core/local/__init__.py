"""The embedded model: weights and a server of one's own, fetched on demand."""
