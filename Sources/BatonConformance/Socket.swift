import Foundation

#if canImport(Glibc)
    import Glibc
    private let stream = Int32(SOCK_STREAM.rawValue)
    private let sendFlags = Int32(MSG_NOSIGNAL)
#else
    import Darwin
    private let stream = SOCK_STREAM
    private let sendFlags: Int32 = 0
#endif

/// A TCP socket with blocking calls, for threads of their own. Closed by `close`, once.
struct Socket: Sendable {
    let descriptor: Int32

    /// Listens on an IPv4 address; port 0 for any that is free.
    ///
    /// - Throws: `ConformanceError` that names the address.
    static func listening(host: String, port: Int) throws(ConformanceError) -> Socket {
        guard let address = address(host, port) else {
            throw ConformanceError("--listen \(host):\(port): not an address; give one such as 127.0.0.1:0", code: .usage)
        }
        let socket = try make()
        var yes: Int32 = 1
        setsockopt(socket.descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isBound = with(address) { bind(socket.descriptor, $0, $1) } == 0
        guard isBound, listen(socket.descriptor, 64) == 0 else {
            defer { socket.close() }
            throw ConformanceError("can't listen on \(host):\(port): \(String(cString: strerror(errno)))", code: .usage)
        }
        return socket
    }

    /// - Throws: `ConformanceError` where nobody is there.
    static func connected(host: String, port: Int) throws(ConformanceError) -> Socket {
        var hints = addrinfo()
        hints.ai_socktype = stream
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { throw ConformanceError("'\(host)' is not known") }
        defer { freeaddrinfo(list) }
        var next = list
        while let entry = next {
            next = entry.pointee.ai_next
            let descriptor = socket(entry.pointee.ai_family, stream, 0)
            guard descriptor >= 0 else { continue }
            if connect(descriptor, entry.pointee.ai_addr, entry.pointee.ai_addrlen) == 0 {
                let socket = Socket(descriptor: descriptor)
                socket.sendAtOnce()
                return socket
            }
            _ = systemClose(descriptor)
        }
        throw ConformanceError("no broker at \(host):\(port): \(String(cString: strerror(errno)))")
    }

    /// `nil` where the socket has been shut down.
    func accept() -> Socket? {
        while true {
            let descriptor = systemAccept(self.descriptor)
            if descriptor >= 0 {
                let socket = Socket(descriptor: descriptor)
                socket.sendAtOnce()
                return socket
            }
            // The peer may have gone before it was accepted.
            if errno != EINTR && errno != ECONNABORTED { return nil }
        }
    }

    var port: Int {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return status == 0 ? Int(in_port_t(bigEndian: address.sin_port)) : 0
    }

    /// What has come; `nil` at the end.
    func read() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { return Array(buffer.prefix(count)) }
            if count == 0 || errno != EINTR { return nil }
        }
    }

    /// - Returns: whether all of it was taken.
    func write(_ bytes: [UInt8]) -> Bool {
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, sendFlags) }
            if count > 0 { start += count } else if count == 0 || errno != EINTR { return false }
        }
        return true
    }

    /// Ends whatever reads, writes or waits on it.
    func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    func close() { _ = systemClose(descriptor) }

    private func sendAtOnce() {
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func make() throws(ConformanceError) -> Socket {
        let descriptor = socket(AF_INET, stream, 0)
        guard descriptor >= 0 else { throw ConformanceError("no socket: \(String(cString: strerror(errno)))") }
        return Socket(descriptor: descriptor)
    }

    private static func address(_ host: String, _ port: Int) -> sockaddr_in? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        guard inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &address.sin_addr) == 1 else { return nil }
        return address
    }

    private static func with(_ address: sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}

// The methods above hide the functions of the same name.
private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
private func systemAccept(_ descriptor: Int32) -> Int32 { accept(descriptor, nil, nil) }
