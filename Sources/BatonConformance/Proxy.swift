import Foundation
import Synchronization

/// Stands between the worker and the broker: passes on what both say, and lets the wiretap hear it.
///
/// Each connection has two threads, one a direction, since reading and writing block.
final class Proxy: Sendable {
    private struct Pair {
        var worker: Socket
        var broker: Socket
        /// The threads that still use them.
        var users = 2
    }

    private struct State {
        var pairs: [Int: Pair] = [:]
        var count = 0
        var isClosed = false
    }

    private let listener: Socket
    private let upstream: (host: String, port: Int)
    private let wiretap: Wiretap
    private let journal: Journal
    private let state = Mutex(State())

    /// - Parameters:
    ///   - listen: where the worker connects; port 0 for any that is free.
    ///   - upstream: the broker.
    /// - Throws: `ConformanceError`.
    init(listen: (host: String, port: Int), upstream: (host: String, port: Int), wiretap: Wiretap, journal: Journal)
        throws(ConformanceError)
    {
        listener = try Socket.listening(host: listen.host, port: listen.port)
        self.upstream = upstream
        self.wiretap = wiretap
        self.journal = journal
    }

    var port: Int { listener.port }

    func start() {
        Self.thread("proxy-accept") {
            while let worker = self.listener.accept() { self.connect(worker) }
            self.listener.close()
        }
    }

    /// Ends all connections of the worker, as a failing network would.
    func cut() {
        journal.note(.cut)
        shutDownAll()
    }

    func close() {
        state.withLock { $0.isClosed = true }
        listener.shutDown()
        shutDownAll()
    }

    private func shutDownAll() {
        state.withLock { state in
            for pair in state.pairs.values {
                pair.worker.shutDown()
                pair.broker.shutDown()
            }
        }
    }

    private func connect(_ worker: Socket) {
        guard let broker = try? Socket.connected(host: upstream.host, port: upstream.port) else { return worker.close() }
        let number: Int? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.count += 1
            state.pairs[state.count] = Pair(worker: worker, broker: broker)
            return state.count
        }
        guard let number else {
            worker.close()
            return broker.close()
        }
        wiretap.opened(number)
        Self.thread("proxy-worker") { self.carry(from: worker, to: broker, .worker, number) }
        Self.thread("proxy-broker") { self.carry(from: broker, to: worker, .broker, number) }
    }

    private func carry(from source: Socket, to target: Socket, _ side: Wiretap.Side, _ number: Int) {
        var reader = FrameReader()
        while let bytes = source.read() {
            reader.add(bytes)
            guard let whole = pass(&reader, to: target, side, number), target.write(whole) else { break }
        }
        source.shutDown()
        target.shutDown()
        leave(number)
    }

    /// - Returns: the frames to pass on; `nil` where the connection is over.
    private func pass(_ reader: inout FrameReader, to target: Socket, _ side: Wiretap.Side, _ number: Int) -> [UInt8]? {
        var whole: [UInt8] = []
        do {
            while let frame = try reader.next() {
                switch try wiretap.heard(frame, from: side, on: number) {
                case .forward: break
                case .hold(let time):
                    guard target.write(whole) else { return nil }
                    whole = []
                    // This side's own thread: what comes behind the frame has to wait for it too, as on a slow line.
                    Thread.sleep(forTimeInterval: time / .seconds(1))
                    wiretap.release(frame, on: number)
                case .cut:
                    cut()
                    return nil
                }
                whole += frame.bytes
            }
        } catch {
            // Not AMQP: neither side could make anything of it.
            return nil
        }
        return whole
    }

    private func leave(_ number: Int) {
        let ended: Pair? = state.withLock { state in
            state.pairs[number]?.users -= 1
            return state.pairs[number]?.users == 0 ? state.pairs.removeValue(forKey: number) : nil
        }
        guard let ended else { return }
        ended.worker.close()
        ended.broker.close()
        wiretap.closed(number)
    }

    private static func thread(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        thread.start()
    }
}
