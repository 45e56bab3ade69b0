import Glibc

enum Poll {
    /// Waits for the signal, for the descriptor (its number, and whether room to write counts), or for a time of the
    /// monotonic clock. Lowers the signal.
    static func wait(_ signal: EventSignal, _ socket: (descriptor: Int32, write: Bool)?, until end: UInt64) {
        let now = monotonicNow()
        // Rounded up, so that what is due at `end` is due afterwards.
        let milliseconds = end > now ? (end - now + 999_999) / 1_000_000 : 0
        let timeout = Int32(clamping: milliseconds)
        var entries = [pollfd(fd: signal.descriptor, events: Int16(POLLIN), revents: 0)]
        if let socket {
            let events = POLLIN | (socket.write ? POLLOUT : 0)
            entries.append(pollfd(fd: socket.descriptor, events: Int16(events), revents: 0))
        }
        _ = poll(&entries, nfds_t(entries.count), timeout)
        if entries[0].revents != 0 { signal.lower() }
    }
}
