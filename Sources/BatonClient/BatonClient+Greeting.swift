package import Foundation

/// What a coordinator shows of itself with every answer.
package struct Greeting: Sendable, Hashable {
    /// Such as `0.1.0`; nil where what answers isn't a coordinator, or an older one.
    package var version: String?
    /// Its clock, in whole seconds; nil where it doesn't say.
    package var date: Date?

    package init(version: String? = nil, date: Date? = nil) {
        self.version = version
        self.date = date
    }
}

extension BatonClient {
    /// - Throws: `ClientError`.
    package func greeting() async throws -> Greeting {
        let response = try await transport.open(.get, "/healthz")
        _ = try await transport.collect(response)
        let server = response.headers.first(name: "server")
        let version = server.flatMap { $0.hasPrefix("baton/") ? String($0.dropFirst(6)) : nil }
        return Greeting(version: version, date: response.headers.first(name: "date").flatMap(Self.date))
    }

    /// As RFC 9110 (5.6.7) writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
    package static func date(_ text: String) -> Date? {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.date(from: text)
    }
}
