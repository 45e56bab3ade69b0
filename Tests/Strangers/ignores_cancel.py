from stranger import Stranger


class IgnoresCancel(Stranger):
    """Hears of a cancel, and works on; only what hasn't started is dropped."""

    def cancel(self, attempt, reason):
        if attempt not in self.running:
            self.cancelled[attempt] = reason


IgnoresCancel().serve()
