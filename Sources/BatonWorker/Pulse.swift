import Dispatch

/// Beats for as long as the process runs. On a thread of the system's, so that handlers that take all of Swift's don't stop it.
final class Pulse {
    private let timer: any DispatchSourceTimer

    private static let interval = DispatchTimeInterval.milliseconds(500)

    init(_ beat: @escaping @Sendable () -> Void) {
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "baton.pulse", qos: .userInitiated))
        timer.setEventHandler(handler: beat)
        timer.schedule(deadline: .now(), repeating: Self.interval)
        timer.activate()
    }

    func stop() { timer.cancel() }
}
