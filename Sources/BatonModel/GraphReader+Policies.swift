/// Retries and timeouts.
extension GraphReader {
    private static let retryFields = [
        "maxAttempts", "backoff", "delay", "delays", "factor", "maxDelay", "jitter", "only", "never",
    ]

    mutating func retry(_ path: String, _ json: inout JSONReader) throws(JSONError) -> RetryPolicy? {
        var policy = RetryPolicy.default
        var backoff: String?
        var delays: [Duration] = []
        let seen = try object(path, &json, known: Self.retryFields) { (reader, name, place, json) throws(JSONError) in
            switch name {
            case "maxAttempts":
                guard let number = try reader.integer(place, &json) else { return true }
                if (1...1_000_000).contains(number) {
                    policy.maxAttempts = number
                } else {
                    reader.problems.add(place, "\(number) must be from 1 to 1000000")
                }
            case "backoff":
                backoff = try reader.string(place, &json)
                switch backoff {
                case "fixed": policy.backoff = .fixed
                case "linear": policy.backoff = .linear
                case "exponential", nil: policy.backoff = .exponential
                case "explicit": break
                case .some(let other):
                    reader.problems.add(place, "'\(other)' is not one of fixed, linear, exponential, explicit")
                }
            case "delay": policy.delay = try reader.duration(place, &json) ?? policy.delay
            case "delays":
                try reader.list(place, &json, of: "durations") { (reader, place, json) throws(JSONError) in
                    if let delay = try reader.duration(place, &json) { delays.append(delay) }
                }
            case "factor":
                guard let number = try reader.number(place, &json) else { return true }
                if number >= 1, number <= 100 {
                    policy.factor = number
                } else {
                    reader.problems.add(place, "\(number) must be from 1 to 100")
                }
            case "maxDelay": policy.maxDelay = try reader.duration(place, &json) ?? policy.maxDelay
            case "jitter":
                guard let number = try reader.number(place, &json) else { return true }
                if number >= 0, number <= 1 {
                    policy.jitter = number
                } else {
                    reader.problems.add(place, "\(number) must be from 0 to 1")
                }
            case "only": policy.only = try reader.strings(place, &json)
            case "never": policy.never = try reader.strings(place, &json)
            default: return false
            }
            return true
        }
        guard seen != nil else { return nil }
        if !delays.isEmpty, backoff == nil || backoff == "explicit" {
            policy.backoff = .explicit(delays)
        } else if !delays.isEmpty {
            problems.add("\(path).delays", "belongs to 'backoff: explicit'")
        } else if backoff == "explicit" {
            problems.add("\(path).delays", "is missing: 'backoff: explicit' needs a list of durations")
        }
        return policy
    }

    mutating func timeouts(_ path: String, _ json: inout JSONReader) throws(JSONError) -> Timeouts {
        var timeouts = Timeouts()
        let known = ["attempt", "total", "queued", "heartbeat"]
        _ = try object(path, &json, known: known) { (reader, name, place, json) throws(JSONError) in
            switch name {
            case "attempt": timeouts.attempt = try reader.limit(place, &json)
            case "total": timeouts.total = try reader.limit(place, &json)
            case "queued": timeouts.queued = try reader.limit(place, &json)
            case "heartbeat": timeouts.heartbeat = try reader.limit(place, &json)
            default: return false
            }
            return true
        }
        return timeouts
    }
}
