import BatonModel

/// Values as JSON for other programs to read. Payloads are copied as they came, so that no number is rounded.
enum JSONText {
    static func line(_ value: some Encodable) -> String { JSONTexts.encode(value).description }

    static func pretty(_ value: some Encodable) -> String { JSONTexts.encode(value).laidOut }
}
