extension ConnectionConfiguration {
    /// Reads `amqp://user:password@host:port/virtual-host`, or `amqps://` for TLS.
    ///
    /// Every part may be left out. User, password and virtual host are percent-decoded. Without a path, or with a lone `/`,
    /// the virtual host is `/`, since that is what people mean. Query parameters: `heartbeat` (seconds),
    /// `connection_timeout` (milliseconds), `cacertfile`, `certfile`, `keyfile`, `verify` (`verify_peer`, `verify_none`).
    /// - Throws: ``AMQPError`` with `invalidArgument`, naming the part that can't be read. Never shows the password.
    public init(url: String) throws(AMQPError) {
        func bad(_ text: String) -> AMQPError { AMQPError(.invalidArgument, text, context: "AMQP address") }
        /// What would be quoted may be a part of a password that is written wrong.
        func misread(_ what: String, _ part: some StringProtocol, _ text: String) -> AMQPError {
            guard url.contains("@") else { return bad("\(what) '\(part.prefix(64))' \(text)") }
            return bad("\(what) \(text) (in a user name or password, / ? # : and @ are written %2F %3F %23 %3A and %40)")
        }

        guard let schemeEnd = url.firstRange(of: "://") else { throw bad("it must start with amqp:// or amqps://") }
        let scheme = url[..<schemeEnd.lowerBound].lowercased()
        guard scheme == "amqp" || scheme == "amqps" else { throw misread("the scheme", scheme, "must be amqp or amqps") }
        var rest = url[schemeEnd.upperBound...]
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        var query: Substring = ""
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        var path: Substring?
        if let slash = rest.firstIndex(of: "/") {
            path = rest[rest.index(after: slash)...]
            rest = rest[..<slash]
        }
        self.init(port: scheme == "amqps" ? 5671 : 5672, tls: scheme == "amqps" ? TLS() : nil)

        if let at = rest.lastIndex(of: "@") {
            let credentials = rest[..<at]
            rest = rest[rest.index(after: at)...]
            let colon = credentials.firstIndex(of: ":")
            guard let user = Self.percentDecoded(credentials[..<(colon ?? credentials.endIndex)]) else {
                throw bad("the user name is not valid percent-encoding")
            }
            self.user = user
            if let colon {
                guard let password = Self.percentDecoded(credentials[credentials.index(after: colon)...]) else {
                    throw bad("the password is not valid percent-encoding")
                }
                self.password = password
            }
        }

        var portText: Substring = ""
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { throw bad("the IPv6 address has no closing bracket") }
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            let after = rest[rest.index(after: end)...]
            guard after.isEmpty || after.first == ":" else { throw bad("unexpected text after the IPv6 address") }
            portText = after.dropFirst()
        } else if let colon = rest.firstIndex(of: ":") {
            if colon != rest.startIndex { host = String(rest[..<colon]) }
            portText = rest[rest.index(after: colon)...]
        } else if !rest.isEmpty {
            host = String(rest)
        }
        if !portText.isEmpty {
            guard let number = UInt16(portText), number > 0 else { throw misread("the port", portText, "must be a number from 1 to 65535") }
            port = Int(number)
        }

        if let path, !path.isEmpty {
            guard !path.contains("/") else { throw bad("a slash in the virtual host is written %2F") }
            guard let decoded = Self.percentDecoded(path) else { throw bad("the virtual host is not valid percent-encoding") }
            virtualHost = decoded
        }
        try apply(query: query, bad) { misread($0, $1, $2) }
        try validate()
    }

    private mutating func apply(
        query: Substring, _ bad: (String) -> AMQPError, _ misread: (_ what: String, _ part: Substring, String) -> AMQPError
    ) throws(AMQPError) {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let value = Self.percentDecoded(parts[1]) else { throw misread("the parameter", pair, "has no value") }
            switch parts[0] {
            case "heartbeat":
                guard let seconds = UInt16(value), seconds > 0 else { throw misread("heartbeat", parts[1], "must be a number of seconds from 1") }
                heartbeat = .seconds(Int(seconds))
            case "connection_timeout":
                guard let milliseconds = UInt32(value), milliseconds > 0 else {
                    throw misread("connection_timeout", parts[1], "must be a number of milliseconds from 1")
                }
                connectTimeout = .milliseconds(Int(milliseconds))
            case "cacertfile": tls?.caFile = value
            case "certfile": tls?.certificateFile = value
            case "keyfile": tls?.keyFile = value
            case "verify":
                guard value == "verify_peer" || value == "verify_none" else { throw bad("verify must be verify_peer or verify_none") }
                tls?.verifyPeer = value == "verify_peer"
                tls?.verifyHost = value == "verify_peer"
            default: throw misread("the parameter", parts[0], "is not known")
            }
        }
    }

    static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = iterator.next().flatMap(Self.hexDigit), let low = iterator.next().flatMap(Self.hexDigit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
