/// What keys, owners and correlation ids are made of. They are compared and looked up as texts, which for some who keep them end at
/// a NUL, so that two of them could pass for one.
package enum PlainText {
    package static let explanation = "must have no control characters, such as line breaks and NUL"

    package static func allows(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
}
