import AMQP
import AsyncHTTPClient
package import BatonModel
import BatonWire
import Foundation

/// What only RabbitMQ's management plugin tells: alarms of all nodes, their descriptors, and policies.
package struct ManagementCheck: Sendable {
    let options: Doctor.Options

    init(_ options: Doctor.Options) { self.options = options }

    func examine() async -> [Finding] {
        let check = "management.reachable"
        guard let url = options.managementURL else {
            return [
                Finding(
                    check, .skipped, "policies, alarms of all nodes and their limits are not looked at",
                    remedy: "enable the plugin ('rabbitmq-plugins enable rabbitmq_management') and give --management-url http://HOST:15672")
            ]
        }
        var configuration = HTTPClient.Configuration()
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(10))
        configuration.connectionPool.retryConnectionEstablishment = false
        let http = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        var findings: [Finding]
        do {
            let nodes = try await get(http, url, "/api/nodes")
            findings = [Finding(check, .ok, "the management API answers at \(Self.withoutPassword(url))")] + Self.nodes(nodes)
            let host = (try? ConnectionConfiguration(url: options.amqpURL))?.virtualHost ?? "/"
            let place = host.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "%2F"
            findings.append(Self.policies(try await get(http, url, "/api/policies/\(place)"), namespace: options.namespace))
        } catch {
            findings = [
                Finding(
                    check, .warning, "the management API at \(Self.withoutPassword(url)) can't be used: \(error)",
                    remedy: "check --management-url; its user needs the tag 'monitoring'")
            ]
        }
        try? await http.shutdown()
        return findings
    }

    private struct NoAnswer: Error, CustomStringConvertible { let description: String }

    private func get(_ http: HTTPClient, _ url: String, _ path: String) async throws -> JSONValue {
        guard var parts = URLComponents(string: url.contains("://") ? url : "http://" + url), parts.host != nil else {
            throw NoAnswer(description: "it is no address")
        }
        let broker = try? ConnectionConfiguration(url: options.amqpURL)
        let user = parts.user ?? broker?.user ?? "guest"
        let password = parts.password ?? broker?.password ?? "guest"
        (parts.user, parts.password) = (nil, nil)
        var base = parts.string ?? url
        while base.hasSuffix("/") { base.removeLast() }
        var request = HTTPClientRequest(url: base + path)
        request.headers.add(name: "authorization", value: "Basic " + Data("\(user):\(password)".utf8).base64EncodedString())
        let response = try await http.execute(request, timeout: .seconds(10))
        let text = Array(try await response.body.collect(upTo: 16 << 20).readableBytesView)
        guard response.status == .ok else { throw NoAnswer(description: "status \(response.status.code) for \(path)") }
        return try JSON(parsing: text).value
    }

    package static func withoutPassword(_ url: String) -> String {
        guard var parts = URLComponents(string: url) else { return "the given address" }
        if parts.password != nil { parts.password = "***" }
        return parts.string ?? "the given address"
    }

    /// - Parameter nodes: the answer to `/api/nodes`.
    package static func nodes(_ nodes: JSONValue) -> [Finding] {
        (nodes.array ?? []).map { node in
            let name = node["name"]?.string ?? "a node"
            let check = "management.node.\(name)"
            if node["running"]?.bool == false {
                return Finding(check, .problem, "\(name) doesn't run", remedy: "start it: quorum queues need most of their nodes")
            }
            var alarms: [String] = []
            if node["mem_alarm"]?.bool == true { alarms.append("memory") }
            if node["disk_free_alarm"]?.bool == true { alarms.append("disk") }
            if !alarms.isEmpty {
                return Finding(
                    check, .problem, "\(name) has an alarm of \(alarms.joined(separator: " and ")): it takes no messages",
                    remedy: "give it \(alarms.joined(separator: " and ")), or empty its largest queues")
            }
            if let used = node["fd_used"]?.double, let total = node["fd_total"]?.double, total > 0, used > 0.8 * total {
                return Finding(
                    check, .warning, "\(name) uses \(Int(used)) of its \(Int(total)) descriptors",
                    remedy: "raise the limit of open files of RabbitMQ's service")
            }
            return Finding(check, .ok, "\(name) runs without an alarm")
        }
    }

    /// Keys by which a policy makes a broker lose or reroute messages that Baton counts on.
    private static let harmful: Set<String> = ["message-ttl", "expires", "max-length", "max-length-bytes", "overflow", "dead-letter-exchange", "delivery-limit"]

    /// - Parameter policies: the answer to `/api/policies/{vhost}`.
    package static func policies(_ policies: JSONValue, namespace: String) -> Finding {
        let names = ["submit", "parking", "parked", "reports.0", "tasks.default.p2"].map { "\(namespace).\($0)" }
        var found: [String] = []
        for policy in policies.array ?? [] {
            guard let name = policy["name"]?.string, let pattern = policy["pattern"]?.string,
                let expression = try? NSRegularExpression(pattern: pattern)
            else { continue }
            let isOurs = names.contains { expression.firstMatch(in: $0, range: NSRange($0.startIndex..., in: $0)) != nil }
            let keys = harmful.intersection((policy["definition"]?.object ?? [:]).keys).sorted()
            if isOurs, !keys.isEmpty { found.append("'\(name)' sets \(keys.joined(separator: ", "))") }
        }
        guard found.isEmpty else {
            return Finding(
                "management.policies", .warning, "policies change Baton's queues: " + found.joined(separator: "; "),
                remedy: "exclude the names that begin with '\(namespace).' from their patterns, unless this is meant")
        }
        return Finding("management.policies", .ok, "no policy changes what becomes of Baton's messages")
    }
}
