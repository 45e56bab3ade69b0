import BatonModel
import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension ClusterTests {
    @Suite struct StalledReaderTests {
        private static let readers = 100

        @Test("Clients that stop reading their event streams cost the coordinator little memory, and nobody else anything (K1)", .timeLimit(.minutes(3)))
        func stalled() async throws {
            try await withCluster { cluster in
                let tasks = (0..<4000).map { step("t\($0)", "core.noop") }
                let small = try await cluster.api.submit(graph("warm", Array(tasks.prefix(500))))
                try await cluster.api.recorded(small.id)
                let before = try residentMegabytes(cluster.coordinator.id)
                let run = try await cluster.api.submit(graph("wide", tasks))
                var sockets: [Int32] = []
                defer { for socket in sockets { close(socket) } }
                for _ in 0..<Self.readers { sockets.append(try Self.ask(for: "/v1/runs/\(run.id)/events", of: cluster.api)) }
                let record = try await cluster.api.recorded(run.id)
                #expect(record.run.counts == ["completed": 4000])
                // Each of them would hold a few megabytes, were the events kept for it.
                let grown = try residentMegabytes(cluster.coordinator.id) - before
                #expect(grown < Self.readers, "\(grown) MB for \(Self.readers) readers")
                // Somebody who reads gets all of it meanwhile.
                let events = try await cluster.api.events(of: run.id)
                #expect(events.last?.type == .runCompleted)
                #expect(events.map(\.id) == Array(1...events.count))
                let next = try await cluster.api.submit(graph("next", [step("a")]))
                try await cluster.api.recorded(next.id)
            }
        }

        private func residentMegabytes(_ process: pid_t) throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
            return try #require(Int(line.filter(\.isNumber))) / 1024
        }

        /// A connection that asks for a stream, and reads nothing of it.
        private static func ask(for path: String, of api: ServerAPI) throws -> Int32 {
            let address = try #require(URL(string: api.base))
            let port = try #require(address.port)
            let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard socket >= 0 else { throw Failure("no socket: \(errno)") }
            var size: Int32 = 4096
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
            var to = sockaddr_in()
            to.sin_family = sa_family_t(AF_INET)
            to.sin_port = UInt16(port).bigEndian
            to.sin_addr.s_addr = inet_addr("127.0.0.1")
            let connected = withUnsafePointer(to: &to) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            }
            guard connected == 0 else { throw Failure("can't connect: \(errno)") }
            let request = "GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
            guard send(socket, request, request.utf8.count, Int32(MSG_NOSIGNAL)) == request.utf8.count else {
                throw Failure("can't send: \(errno)")
            }
            return socket
        }
    }
}
