"""Measures Baton, Celery, Dramatiq, apflow and the limit that the broker itself sets, on one machine, in one run."""
