import CRabbitMQ
import Glibc

enum SystemThread {
    private final class Body {
        let name: String
        let run: @Sendable () -> Void

        init(_ name: String, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Runs the closure on a new detached thread with a name of up to 15 bytes.
    static func start(name: String, _ run: @escaping @Sendable () -> Void) throws(AMQPError) {
        let body = Unmanaged.passRetained(Body(name, run))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                // Balances `passRetained`: the new thread owns the body.
                guard let argument else { return nil }
                let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                crabbitmq_name_thread(body.name)
                body.run()
                return nil
            }, body.toOpaque())
        guard status == 0 else {
            body.release()
            throw AMQPError(.connectionFailed, "no thread could be started (errno \(status))")
        }
        pthread_detach(thread)
    }
}

/// Nanoseconds of the monotonic clock.
func monotonicNow() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

extension Duration {
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(clamping: max(0, seconds)).multipliedReportingOverflow(by: 1_000_000_000).partialValue
            &+ UInt64(max(0, attoseconds) / 1_000_000_000)
    }

    var timeval: timeval {
        let nanoseconds = nanoseconds
        return Glibc.timeval(tv_sec: Int(nanoseconds / 1_000_000_000), tv_usec: Int(nanoseconds % 1_000_000_000 / 1_000))
    }
}
