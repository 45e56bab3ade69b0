/// Where a server listens: `127.0.0.1:7070`, `localhost:0`, `[::1]:7070`.
struct ListenAddress: Hashable {
    var host: String
    var port: Int

    init(_ text: String) throws(ListenAddressError) {
        let explanation = "give a host and a port, such as 127.0.0.1:7070 (port 0 takes a free one)"
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw ListenAddressError("'\(text)' is not an address to listen on: \(explanation)")
        }
        var host = text[..<colon]
        if host.first == "[", host.last == "]" {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw ListenAddressError("'\(text)' is not an address to listen on: put an IPv6 address in brackets, such as [::1]:7070")
        }
        guard !host.isEmpty else { throw ListenAddressError("'\(text)' is not an address to listen on: \(explanation)") }
        self.host = String(host)
        self.port = Int(port)
    }

    var isLoopback: Bool {
        if host.lowercased() == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    func requireLoopback() throws(ListenAddressError) {
        guard !isLoopback else { return }
        throw ListenAddressError(
            """
            '\(host)' can be reached from other machines, and access control is off: without it the HTTP API is open only on loopback. \
            Turn it on (--tokens FILE, or --jwt-keys FILE), listen on 127.0.0.1:\(port), or allow remote access (--allow-remote) where \
            the network itself is trusted
            """)
    }
}

/// Why a server does not listen on an address.
public struct ListenAddressError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
