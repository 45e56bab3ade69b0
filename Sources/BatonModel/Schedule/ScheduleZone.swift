import Foundation

/// The time zone in which a schedule's times are meant, by its IANA name.
public struct ScheduleZone: Sendable, Hashable, CustomStringConvertible {
    /// Such as `Europe/Berlin`.
    public let name: String
    private let zone: TimeZone?

    /// Never changes its clocks, and needs no data.
    public static let utc = ScheduleZone(name: "UTC", zone: nil)

    /// - Throws: `UnknownZone` with what to write instead.
    public init(_ name: String) throws(UnknownZone) {
        try self.init(name, database: .system)
    }

    init(_ name: String, database: ZoneDatabase) throws(UnknownZone) {
        if Self.namesOfUTC.contains(name) {
            self = .utc
            return
        }
        guard let zone = Self.mayBeName(name) ? database.zone(name) : nil else {
            throw UnknownZone(name: String(name.prefix(64)), database: database)
        }
        self.init(name: name, zone: zone)
    }

    private init(name: String, zone: TimeZone?) {
        self.name = name
        self.zone = zone
    }

    public var description: String { name }

    /// East of Greenwich, in seconds.
    ///
    /// - Parameter instant: seconds since 1970.
    func offset(at instant: Int) -> Int {
        zone?.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))) ?? 0
    }

    /// The first change of the offset after an instant; `nil` where none is known. Seconds since 1970.
    func change(after instant: Int) -> Int? {
        zone?.nextDaylightSavingTimeTransition(after: Date(timeIntervalSince1970: Double(instant)))
            .map { Int($0.timeIntervalSince1970.rounded(.up)) }
    }

    private static let namesOfUTC: Set = ["UTC", "Etc/UTC", "Etc/UCT", "UCT", "Zulu", "Etc/Zulu", "Universal", "Etc/Universal"]

    /// Foundation knows more than names: abbreviations, which mean different zones to different people, and `GMT+2`.
    private static func mayBeName(_ name: String) -> Bool {
        guard name.utf8.count <= 64 else { return false }
        if name.hasPrefix("Etc/") || name == "GMT" { return true }
        guard !name.utf8.contains(UInt8(ascii: "+")), TimeZone.abbreviationDictionary[name] == nil else { return false }
        return name.contains("/") || !(name.hasPrefix("GMT") || name.hasPrefix("UTC"))
    }
}

/// Where the names and rules of time zones come from.
struct ZoneDatabase: Sendable {
    var zone: @Sendable (String) -> TimeZone?
    var names: @Sendable () -> [String]

    static let system = ZoneDatabase(zone: { TimeZone(identifier: $0) }, names: { TimeZone.knownTimeZoneIdentifiers })

    /// Whether any zone that changes its clocks can be had.
    var isMissing: Bool { zone("Europe/London") == nil && zone("America/New_York") == nil }
}

/// A name that is no time zone's, and what may have been meant.
public struct UnknownZone: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(name: String, database: ZoneDatabase) {
        if database.isMissing {
            description = "'\(name)' can't be looked up: this machine has no data on time zones. Install them (the package 'tzdata'), or use UTC"
            return
        }
        let form = "not the IANA name of a time zone such as Europe/Berlin or UTC"
        if let suggestion = Self.suggestion(name, database) {
            description = "'\(name)' is \(form): did you mean \(suggestion)?"
        } else {
            description = "'\(name)' is \(form)"
        }
    }

    private static func suggestion(_ name: String, _ database: ZoneDatabase) -> String? {
        let wanted = name.lowercased().replacing(" ", with: "_")
        guard !wanted.isEmpty else { return nil }
        if ["z", "utc", "gmt"].contains(wanted) { return "UTC" }
        if let meant = TimeZone.abbreviationDictionary[name.uppercased()], meant.contains("/") { return meant }
        if let hours = wholeHours(wanted) {
            // Etc names count westwards.
            return hours == 0 ? "UTC" : "Etc/GMT\(hours > 0 ? "-" : "+")\(abs(hours))"
        }
        let names = database.names()
        return names.first { $0.lowercased() == wanted } ?? names.first { $0.lowercased().hasSuffix("/" + wanted) }
    }

    /// Reads `+02:00`, `utc+2`, `gmt-5`.
    private static func wholeHours(_ text: String) -> Int? {
        var rest = Substring(text)
        if rest.hasPrefix("utc") || rest.hasPrefix("gmt") { rest = rest.dropFirst(3) }
        guard let sign = rest.first, sign == "+" || sign == "-" else { return nil }
        rest = rest.dropFirst()
        if rest.hasSuffix(":00") { rest = rest.dropLast(3) } else if rest.utf8.count == 4, rest.hasSuffix("00") { rest = rest.dropLast(2) }
        guard rest.utf8.count <= 2, let hours = Int(rest), (0...12).contains(hours) else { return nil }
        return sign == "-" ? -hours : hours
    }
}
