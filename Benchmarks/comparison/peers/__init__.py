"""One module for each of the others that Baton is compared with."""
