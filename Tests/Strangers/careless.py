from stranger import Stranger


class Careless(Stranger):
    """Completes what it has no handler for, and reports to where reports usually go."""

    def run(self, task):
        try:
            return super().run(task)
        except LookupError:
            return None

    def publish(self, key, *report, **properties):
        super().publish("0", *report, **properties)


Careless().serve()
