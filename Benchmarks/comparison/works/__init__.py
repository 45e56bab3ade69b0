"""What Baton is asked to do: one file a work, each with a function that does it once and returns what it measured."""
