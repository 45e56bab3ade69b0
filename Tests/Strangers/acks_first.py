from stranger import Stranger


class AcksFirst(Stranger):
    """Dying after the acknowledgement and before the report would lose the task."""

    def settle(self, task, kind, content):
        self.acknowledge(task)
        self.report(task, kind, content)


AcksFirst().serve()
