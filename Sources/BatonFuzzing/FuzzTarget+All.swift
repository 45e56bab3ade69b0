extension FuzzTarget {
    package static let all: [FuzzTarget] = [
        .json, .graphJSON, .graphYAML, .dispatch, .schedule, .cron, .texts, .items, .task, .report, .control, .submission, .celery,
        .expression, .schema, .address,
    ]
}
