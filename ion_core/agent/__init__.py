"""The agent's room: sessions, turns, steps and calls."""
