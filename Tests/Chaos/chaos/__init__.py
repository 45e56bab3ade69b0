"""Chaos on a real broker with real processes: what Baton promises is held against what happens while everything fails."""
