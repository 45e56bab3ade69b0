import Foundation
import Synchronization

/// Writes values as JSON whose payloads stay the texts they are: an encoder would round numbers it has no type for.
///
/// While the encoder runs, each payload is a mark that nobody can have written; the marks are replaced afterwards.
package final class JSONTexts: Sendable {
    static let key: CodingUserInfoKey = {
        guard let key = CodingUserInfoKey(rawValue: "baton.texts") else { preconditionFailure("any text is a key") }
        return key
    }()

    private let mark = "baton-\(String(UInt64.random(in: .min ... .max), radix: 36))-\(String(UInt64.random(in: .min ... .max), radix: 36))-"
    private let texts = Mutex<[JSON]>([])

    private init() {}

    /// Fields in alphabetical order; `{}` for what can't be written.
    package static func encode(_ value: some Encodable) -> JSON {
        let texts = JSONTexts()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        encoder.userInfo[key] = texts
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return (try? encoder.encode(value)).map { texts.filled(Array($0)) } ?? .emptyObject
    }

    func placeholder(for text: JSON) -> String {
        texts.withLock { texts in
            texts.append(text)
            return mark + "\(texts.count - 1)"
        }
    }

    private func filled(_ bytes: [UInt8]) -> JSON {
        let texts = texts.withLock { $0 }
        guard !texts.isEmpty else { return JSON(trusted: bytes) }
        let mark = Array("\"\(mark)".utf8)
        var result: [UInt8] = []
        var start = bytes.startIndex
        while let quote = bytes[start...].firstIndex(of: UInt8(ascii: "\"")) {
            result += bytes[start..<quote]
            guard bytes[quote...].starts(with: mark), let end = bytes[(quote + mark.count)...].firstIndex(of: UInt8(ascii: "\"")),
                let number = Int(String(decoding: bytes[(quote + mark.count)..<end], as: UTF8.self)), texts.indices.contains(number)
            else {
                result.append(bytes[quote])
                start = quote + 1
                continue
            }
            result += texts[number].bytes
            start = end + 1
        }
        return JSON(trusted: result + bytes[start...])
    }
}
