import BatonDrawing
import BatonModel
import Testing

@Suite("K7 timelines", .timeLimit(.minutes(1)))
struct K7TimelinePictures {
    private func bar(_ task: TaskID, _ attempt: Int = 1, _ status: String, _ queued: Int64, _ started: Int64?, _ finished: Int64?) -> RunTimeline.Bar {
        RunTimeline.Bar(
            task: task, handler: "work", attempt: attempt, status: status, worker: "w", queuedAt: Pictures.time + .milliseconds(queued),
            startedAt: started.map { Pictures.time + .milliseconds($0) }, finishedAt: finished.map { Pictures.time + .milliseconds($0) })
    }

    private func timeline(_ bars: [RunTimeline.Bar], name: String = "order") -> RunTimeline {
        RunTimeline(run: "run-1", name: name, status: .running, createdAt: Pictures.time, at: Pictures.time + .seconds(10), bars: bars)
    }

    @Test("each attempt waits and runs where it did, in characters")
    func chart() {
        let chart = TimelineChart(
            timeline([bar("b", 1, "failed", 5000, 6000, 7000), bar("b", 2, "running", 8000, 9000, nil), bar("a", 1, "completed", 0, 1000, 4900)]),
            width: 76 - 20 + 4 + 26 - 30 + 20)
        #expect(chart.lines.map(\.name) == ["a", "b"], "by when they were ready")
        let rows = chart.lines.map { $0.parts.map(\.text).joined() }
        #expect(Set(rows.map(\.count)).count == 1)
        #expect(rows[0].hasPrefix("····█") && rows[0].hasSuffix("  "))
        #expect(rows[1].contains("▒") && rows[1].hasSuffix("█"))
        #expect(chart.lines[1].note.contains("attempt 2") && chart.lines[1].status == .running)
        #expect(chart.scale.hasPrefix("0") && chart.scale.hasSuffix("10 s"))
    }

    @Test("an SVG has a row for each task and a bar for each attempt")
    func svg() throws {
        let text = TimelineSVG(timeline([bar("a", 1, "lost", 0, 1000, 2000), bar("a", 2, "completed", 2000, 2100, 3000), bar("b", 1, "queued", 100, nil, nil)])).text
        let elements = try Elements(text)
        #expect(elements.texts.filter { $0 == "a" }.count == 1)
        #expect(elements.texts.contains { $0.hasPrefix("a, attempt 1: lost") } && elements.texts.contains { $0.hasPrefix("a, attempt 2: completed") })
        #expect(elements.texts.contains { $0.hasPrefix("b, attempt 1: queued") })
    }

    @Test("names can't be anything but text, and thousands of rows are counted")
    func hostile() throws {
        let bars = Pictures.hostile.map { bar(TaskID($0), 1, "failed", 0, 1, 2) } + (0..<1000).map { bar(TaskID("t\($0)"), 1, "completed", 1, 2, 3) }
        let elements = try Elements(TimelineSVG(timeline(bars, name: Pictures.hostile.joined())).text)
        #expect(elements.names.isSubset(of: ["svg", "title", "desc", "style", "rect", "g", "path", "text"]))
        #expect(elements.texts.contains { $0.contains("\(1000 + Pictures.hostile.count - 400) more tasks") })
    }

    @Test("times that make no sense do no harm", arguments: [Int64.min / 2, -1, 0, Int64.max / 2])
    func times(_ offset: Int64) throws {
        let bars = [bar("a", 1, "completed", offset, offset / 2, 0), bar("b", 1, "running", 0, offset, -5)]
        _ = try Elements(TimelineSVG(timeline(bars)).text)
        #expect(TimelineChart(timeline(bars), width: 1).lines.count == 2)
        _ = try Elements(TimelineSVG(timeline([])).text)
    }
}
