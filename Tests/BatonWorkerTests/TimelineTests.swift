import Testing

@testable import BatonWorker

@Suite
struct TimelineTests {
    private func timeline(
        heartbeat: Duration? = nil, timeout: Duration? = nil, leaseAfter: Duration? = nil, isStartReported: Bool = false
    ) -> AttemptTimeline {
        AttemptTimeline(
            from: .zero, heartbeat: heartbeat, timeout: timeout, leaseAfter: leaseAfter, heartbeatInterval: .seconds(10),
            isStartReported: isStartReported)
    }

    @Test func theStartIsReportedOnceAfter100Milliseconds() {
        var line = timeline()
        #expect(line.next == .milliseconds(100))
        #expect(line.due(at: .milliseconds(99)).isEmpty)
        #expect(line.due(at: .milliseconds(100)) == [.reportStarted])
        #expect(line.next == nil)
        #expect(timeline(isStartReported: true).next == nil)
    }

    @Test(arguments: [(Duration.seconds(6), Duration.seconds(2)), (.seconds(60), .seconds(10))])
    func heartbeatsComeAtAThirdOfTheIntervalAndAtLeastEveryTenSeconds(silence: Duration, every: Duration) {
        var line = timeline(heartbeat: silence, isStartReported: true)
        #expect(line.next == every)
        #expect(line.due(at: every) == [.heartbeat])
        #expect(line.next == every * 2)
    }

    @Test func aLeaseIsAskedForUntilItIsGranted() {
        var line = timeline(leaseAfter: .seconds(300), isStartReported: true)
        #expect(line.due(at: .seconds(300)) == [.lease])
        #expect(line.due(at: .seconds(330)) == [.lease])
        line.leased(now: .seconds(331))
        #expect(line.due(at: .seconds(340)).isEmpty)
        #expect(line.due(at: .seconds(341)) == [.heartbeat])
    }

    @Test func aTimeoutIsFollowedByTheGrace() {
        var line = timeline(timeout: .seconds(1), isStartReported: true)
        #expect(line.due(at: .seconds(1)) == [.timedOut])
        line.stopping(now: .seconds(1), grace: .seconds(10))
        line.stopping(now: .seconds(5), grace: .seconds(10))
        #expect(line.next == .seconds(11))
        #expect(line.due(at: .seconds(11)) == [.graceOver])
        #expect(line.next == nil)
    }

    @Test func nothingIsDueOnceReported() {
        var line = timeline(heartbeat: .seconds(3), timeout: .seconds(1), leaseAfter: .seconds(2))
        line.reported()
        #expect(line.next == nil)
    }
}
