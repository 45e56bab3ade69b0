"""The broker closes all connections, as an operator can tell it to."""

from chaos.faults.fault import Fault


class ConnectionsClose(Fault):
    name = "connections-close"
    touches = frozenset({"broker"})

    def strike(self) -> str:
        self.cluster.broker.control("close_all_connections", "chaos")
        return "rabbitmqctl close_all_connections"
