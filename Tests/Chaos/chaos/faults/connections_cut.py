"""TCP connections are reset."""

from chaos.faults.fault import Fault


class ConnectionsCut(Fault):
    name = "connections-cut"
    touches = frozenset({"network"})
    weight = 4

    def strike(self) -> str:
        share = self.random.choice([0.2, 0.5, 1])
        cut = sum(proxy.cut(share, self.random) for proxy in [self.cluster.proxy, *self.producers])
        return f"{cut} cut"
