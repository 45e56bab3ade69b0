/// What one check of `baton doctor` found.
package struct Finding: Sendable, Hashable, Encodable {
    package enum Status: String, Sendable, Encodable, CaseIterable { case ok, warning, problem, skipped }

    /// What was checked, such as `broker.version`: kept, so that programs can go by it.
    package let check: String
    package let status: Status
    package let summary: String
    /// What to do about it.
    package let remedy: String?

    package init(_ check: String, _ status: Status, _ summary: String, remedy: String? = nil) {
        self.check = check
        self.status = status
        self.summary = summary
        self.remedy = remedy
    }
}
