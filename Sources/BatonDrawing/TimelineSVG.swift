public import BatonModel

/// Draws when each attempt of a run waited and ran, as SVG.
public struct TimelineSVG: Sendable {
    /// Rows beyond are counted, not drawn.
    public static let mostRows = 400

    private let timeline: RunTimeline
    private let rows: TimelineRows
    private static let margin = 24.0
    private static let names = 200.0
    private static let chart = 720.0
    private static let notes = 150.0
    private static let row = 26.0
    private static let header = 88.0

    public init(_ timeline: RunTimeline) {
        self.timeline = timeline
        rows = TimelineRows(timeline, limit: Self.mostRows)
    }

    public var text: String {
        var xml = XMLText()
        let body = Double(max(1, rows.rows.count)) * Self.row
        let height = Self.header + body + 60 + Self.margin
        let span = (rows.end - rows.start).short
        let summary = "\(rows.rows.count.grouped) \(rows.rows.count == 1 ? "task" : "tasks"), \(timeline.bars.count.grouped) attempts in \(span)"
        xml.picture(
            width: Self.names + Self.chart + Self.notes + 2 * Self.margin, height: height,
            title: "Timeline of run \(timeline.name), which is \(timeline.status.rawValue)",
            description: "When each attempt of run \(timeline.run) waited and ran. \(summary)."
        ) { xml in
            xml.words("\(timeline.name.shortened(to: 48)) · \(timeline.status.rawValue)", "head", x: Self.margin, y: 30)
            xml.words("run \(timeline.run.rawValue.shortened(to: 40)) · \(summary) · from \(rows.start)", "note", x: Self.margin, y: 48)
            axis(body, &xml)
            for (index, row) in rows.rows.enumerated() { draw(row, y: Self.header + Double(index) * Self.row, &xml) }
            var more: [String] = []
            if rows.omitted > 0 { more.append("and \(rows.omitted.grouped) more tasks, which format=json has") }
            if timeline.isCut == true { more.append("the last attempts are missing: there are more than the limit pictureTasks") }
            if !more.isEmpty { xml.words(more.joined(separator: "; "), "note", x: Self.margin, y: Self.header + body + 22) }
            legend(y: height - Self.margin - 10, &xml)
        }
        return xml.text
    }

    private func x(_ time: Timestamp) -> Double { Self.margin + Self.names + rows.fraction(time) * Self.chart }

    private func axis(_ body: Double, _ xml: inout XMLText) {
        let whole = (rows.end - rows.start).milliseconds
        let step = Self.step(whole)
        var time: Int64 = 0
        while time <= whole {
            let x = x(rows.start + .milliseconds(time))
            let d = "M\(XMLText.number(x)) \(XMLText.number(Self.header - 6))V\(XMLText.number(Self.header + body))"
            xml.element("path", [("class", "grid"), ("d", d)])
            xml.words(time == 0 ? "0" : Duration.milliseconds(time).short, "tick", x: x, y: Self.header - 12, anchor: "middle")
            time += step
        }
    }

    /// A round number of milliseconds that gives five to ten lines.
    static func step(_ whole: Int64) -> Int64 {
        let steps: [Int64] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000]
        if let step = steps.first(where: { whole / $0 <= 9 }) { return step }
        let days = whole / 86_400_000
        return (days / 9 + 1) * 86_400_000
    }

    private func draw(_ row: TimelineRows.Row, y: Double, _ xml: inout XMLText) {
        xml.words(row.task.rawValue.shortened(to: 27), "id", x: Self.margin, y: y + 17)
        var last = Self.margin + Self.names
        for bar in row.bars {
            let (waiting, running) = rows.ends(of: bar)
            xml.element("g") { xml in
                xml.element("title", text: details(bar))
                rectangle("queued", from: bar.queuedAt, to: waiting, y: y + 9, height: 8, &xml)
                if let started = bar.startedAt {
                    let style = bar.status == "lost" ? "lost" : bar.shown.rawValue
                    rectangle(style, from: started, to: running, y: y + 4, height: 18, &xml)
                }
            }
            last = max(last, x(running))
        }
        guard let bar = row.bars.last else { return }
        let duration = bar.startedAt.map { (rows.ends(of: bar).running - $0).short }
        let status = bar.status == "retrying" ? "failed" : bar.status
        let words = [status, duration, row.bars.count > 1 ? "attempt \(bar.attempt)" : nil].compactMap(\.self).joined(separator: " · ")
        xml.glyph(bar.shown, x: last + 8, y: y + 6)
        xml.words(words, "note", x: last + 28, y: y + 17)
    }

    private func rectangle(_ style: String, from: Timestamp, to: Timestamp, y: Double, height: Double, _ xml: inout XMLText) {
        let width = max(1.5, x(to) - x(from))
        if style == "queued", to <= from { return }
        xml.element(
            "rect",
            [
                ("class", "bar \(style)"), ("x", XMLText.number(x(from))), ("y", XMLText.number(y)), ("width", XMLText.number(width)),
                ("height", XMLText.number(height)), ("rx", "3"),
            ])
    }

    private func details(_ bar: RunTimeline.Bar) -> String {
        var parts = ["\(bar.task), attempt \(bar.attempt): \(bar.status)", "handler \(bar.handler)"]
        if let worker = bar.worker { parts.append("on \(worker)") }
        let (waiting, running) = rows.ends(of: bar)
        parts.append("waited \((waiting - bar.queuedAt).short)")
        if let start = bar.startedAt { parts.append("ran \((running - start).short)") }
        if let error = bar.error { parts.append(error) }
        return parts.joined(separator: "; ")
    }

    private func legend(y: Double, _ xml: inout XMLText) {
        var x = Self.margin
        for (style, text) in [("queued", "waited for a worker"), ("running", "runs"), ("completed", "completed"), ("failed", "failed or lost"), ("cancelled", "cancelled")] {
            xml.element(
                "rect", [("class", "bar \(style)"), ("x", XMLText.number(x)), ("y", XMLText.number(y)), ("width", "22"), ("height", "10"), ("rx", "3")])
            xml.words(text, "note", x: x + 29, y: y + 9)
            x += 50 + Double(text.count) * 6.4
        }
    }
}
