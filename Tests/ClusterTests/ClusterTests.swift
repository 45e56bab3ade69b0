import Testing

/// Real processes on a real broker, one test after the other: the machine may have two processors only.
@Suite(.serialized, .withLogs)
enum ClusterTests {}
