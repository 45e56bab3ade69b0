import CRabbitMQ
import Glibc

/// An eventfd by which other threads end the connection thread's `poll`.
///
/// The descriptor is closed when the last reference goes, so no thread can use it after it is closed.
final class EventSignal: Sendable {
    let descriptor: Int32

    /// When the process has no descriptor left, the signal is there but not `isUsable`.
    init() { descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) }

    var isUsable: Bool { descriptor >= 0 }

    deinit { if isUsable { close(descriptor) } }

    func raise() { _ = eventfd_write(descriptor, 1) }

    func lower() {
        var value: eventfd_t = 0
        _ = eventfd_read(descriptor, &value)
    }
}
