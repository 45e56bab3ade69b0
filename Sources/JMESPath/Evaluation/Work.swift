/// How much work counts as how many steps.
///
/// A step is one value visited, made or compared. Text is cheaper: one step for each eight bytes begun.
enum Work {
    static func text(_ text: String) -> Int { bytes(text.utf8.count) }
    static func bytes(_ count: Int) -> Int { count / 8 + 1 }
}
