public import Foundation

/// A point in time, in whole milliseconds since 1970-01-01 UTC. Written as ISO 8601 in JSON.
public struct Timestamp: Hashable, Sendable, Comparable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    /// Saturates instead of overflowing, so that absurd durations from documents stay harmless.
    public static func + (time: Timestamp, duration: Duration) -> Timestamp {
        let (sum, overflow) = time.milliseconds.addingReportingOverflow(duration.milliseconds)
        return Timestamp(milliseconds: overflow ? .max : sum)
    }

    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        .milliseconds(left.milliseconds.subtractingReportingOverflow(right.milliseconds).partialValue)
    }

    public var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }
}

extension Timestamp: Codable, CustomStringConvertible {
    /// ISO 8601 in UTC with milliseconds. A time outside the years 0 to 9999 is written as the nearest within.
    ///
    /// In whole numbers, because Foundation's styles go through `Double` and lose a millisecond of every other time.
    public var description: String {
        let clamped = min(max(milliseconds, Self.firstWritable), Self.lastWritable) - Self.firstWritable
        let (days, time) = clamped.quotientAndRemainder(dividingBy: 86_400_000)
        let (year, month, day) = Self.civil(days)
        let text = { (value: Int64, width: Int) in
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        return "\(text(year, 4))-\(text(month, 2))-\(text(day, 2))"
            + "T\(text(time / 3_600_000, 2)):\(text(time / 60_000 % 60, 2)):\(text(time / 1000 % 60, 2)).\(text(time % 1000, 3))Z"
    }

    /// Reads ISO 8601 with or without fractions of a second (what is finer than a millisecond is dropped), in UTC or with an
    /// offset. Days and hours that no calendar or clock has are refused.
    public init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        func number(_ width: Int, _ range: ClosedRange<Int64>) -> Int64? {
            let digits = rest.prefix(width)
            guard digits.count == width, digits.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
            let value = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 48) }
            guard range.contains(value) else { return nil }
            rest = rest.dropFirst(width)
            return value
        }
        func take(_ choices: String) -> UInt8? {
            guard let byte = rest.first, choices.utf8.contains(byte) else { return nil }
            rest = rest.dropFirst()
            return byte
        }
        guard let year = number(4, 0...9999), take("-") != nil, let month = number(2, 1...12), take("-") != nil,
            let day = number(2, 1...31), take("Tt") != nil, let hour = number(2, 0...23), take(":") != nil,
            let minute = number(2, 0...59), take(":") != nil, let second = number(2, 0...59)
        else { return nil }
        let days = Self.days(year, month, day)
        guard Self.civil(days) == (year, month, day) else { return nil }
        var total = Self.firstWritable + days * 86_400_000 + (hour * 3600 + minute * 60 + second) * 1000
        if take(".") != nil {
            var digits = 0
            while let digit = take("0123456789") {
                if digits < 3 { total += Int64(digit - 48) * [100, 10, 1][digits] }
                digits += 1
            }
            guard digits > 0 else { return nil }
        }
        guard let zone = take("Zz+-") else { return nil }
        if zone == UInt8(ascii: "+") || zone == UInt8(ascii: "-") {
            guard let hours = number(2, 0...23) else { return nil }
            var offset = hours * 3_600_000
            if !rest.isEmpty {
                _ = take(":")
                guard let minutes = number(2, 0...59) else { return nil }
                offset += minutes * 60_000
            }
            total += zone == UInt8(ascii: "-") ? offset : -offset
        }
        guard rest.isEmpty else { return nil }
        self.init(milliseconds: total)
    }

    /// 0000-01-01 and the last millisecond of 9999.
    private static let firstWritable: Int64 = -62_167_219_200_000
    private static let lastWritable: Int64 = 253_402_300_799_999

    /// From the beginning of the calendar's 400 years before the year 0 to 0000-01-01.
    private static let daysBefore: Int64 = 146_037

    /// Days from 0000-01-01 on in the Gregorian calendar. Years are counted from March, so that the leap day is their last:
    /// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = year + 400 - (month <= 2 ? 1 : 0)
        let (era, yearOfEra) = shifted.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - Self.daysBefore
    }

    /// The inverse of `days`.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + Self.daysBefore).quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0) - 400
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Timestamp(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not an ISO 8601 time")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension Timestamp {
    /// By the system's clock. For the edges only: decisions get their time as a value.
    public static var now: Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }
}
