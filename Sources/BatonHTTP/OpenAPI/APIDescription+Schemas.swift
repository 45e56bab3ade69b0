import BatonModel

extension APIDescription {
    static let schemas: [String: Shape] = choices.merging(views) { $1 }.merging(requests) { $1 }

    private static let choices: [String: Shape] = [
        "RunStatus": .choice(of: RunStatus.self), "TaskStatus": .choice(of: TaskStatus.self), "EventType": .choice(of: EventType.self),
        "ReuseKind": .choice(of: Lineage.Kind.self), "ScheduleStatus": .choice(of: ScheduleView.Status.self),
        "WhyReason": .choice(of: WhyView.Reason.self), "WhyKind": .choice(of: WhyView.Cause.Kind.self),
        "EdgeKind": .choice(of: RunGraph.Edge.Kind.self), "LogLevel": .choice(of: LogLine.Level.self),
        "CancelOutcome": .choice(["cancelled", "cancelling", "alreadyEnded"]), "Priority": .range(0...3),
    ]

    private static let views: [String: Shape] = [
        "Problem": Shape(fields: "type: text!, title: text!, status: integer!, detail: text!, problems: [GraphProblem]"),
        "GraphProblem": Shape(fields: "path: text!, message: text!"),
        "TaskError": Shape(fields: "type: text!, message: text!, retryable: boolean, retryAfterMs: integer, details: any"),
        "TaskReference": Shape(fields: "run: text!, task: text!"),
        "Run": Shape(
            fields: """
                id: text!, name: text!, status: RunStatus!, key: text, correlationId: text!, owner: text, createdAt: time!,
                finishedAt: time, counts: {integer}!, total: integer!, progress: number!, error: TaskError,
                nonCriticalFailures: [text], skipped: [text], existing: boolean, family: text, parent: TaskReference, origin: text,
                kind: ReuseKind, schedule: text, traceparent: text, undone: [text], notUndone: [text]
                """),
        "BatchOutcome": Shape(fields: "run: Run, problem: Problem"),
        "Tasks": Shape(fields: "items: [Task], cursor: text").orList(of: "Task"),
        "Task": Shape(
            fields: """
                id: text!, handler: text!, status: TaskStatus!, parent: text, dependencies: [text]!, queue: text!, priority: Priority!,
                attempts: integer!, maxAttempts: integer!, critical: boolean!, queuedAt: time, startedAt: time, finishedAt: time,
                worker: text, progress: number, progressMessage: text, error: TaskError, dueAt: time, cancelRequested: boolean,
                stopConfirmed: boolean, causedBy: text, role: text, linkedTo: TaskReference, child: text, token: text, items: Items,
                madeBy: text, cached: boolean, undone: boolean, iteration: integer, feedback: any, inputs: any, params: any,
                result: any, history: [Attempt], children: [Task]
                """),
        "Items": Shape(fields: "total: integer!, ended: integer!, running: integer!, failed: integer!"),
        "Attempt": Shape(
            fields: "number: integer!, status: text!, worker: text, queuedAt: time, startedAt: time, finishedAt: time, error: TaskError"),
        "Event": Shape(fields: "id: integer!, run: text!, at: time!, type: EventType!, task: text, attempt: integer, data: any"),
        "LogLine": Shape(fields: "at: time!, level: LogLevel!, message: text!, data: object, attempt: integer"),
        "Why": Shape(
            fields: """
                run: text!, task: text!, status: TaskStatus!, reason: WhyReason!, text: text!, waitsFor: [WhyCause]!, count: integer,
                since: time, until: time
                """),
        "RunWhy": Shape(
            fields: "run: text!, status: RunStatus!, text: text!, tasks: [Why]!, reasons: {integer}!, isCut: boolean"),
        "WhyCause": Shape(
            fields: """
                kind: WhyKind!, task: text, run: text, status: text, reason: WhyReason, text: text, error: TaskError, attempt: integer,
                queue: text, priority: Priority, handler: text, worker: text, token: text, name: text, since: time, until: time
                """),
        "RunGraph": Shape(fields: "run: text!, name: text!, status: RunStatus!, nodes: [Node]!, edges: [Edge]!"),
        "Node": Shape(
            fields: """
                id: text!, handler: text!, status: TaskStatus!, attempts: integer!, maxAttempts: integer!, priority: Priority!,
                queue: text!, critical: boolean!, parent: text, role: text, causedBy: text, items: Items, child: text,
                compensation: text, undone: boolean, iteration: integer, error: text, count: integer, counts: {integer}
                """),
        "Edge": Shape(fields: "from: text!, to: text!, kind: EdgeKind!, on: text, required: boolean, label: text, taken: boolean"),
        "RunTimeline": Shape(
            fields: """
                run: text!, name: text!, status: RunStatus!, createdAt: time!, finishedAt: time, at: time!, bars: [Bar]!, isCut: boolean
                """),
        "Bar": Shape(
            fields: """
                task: text!, handler: text!, role: text, attempt: integer!, status: text!, worker: text, queuedAt: time!,
                startedAt: time, finishedAt: time, error: text
                """),
        "Cancel": Shape(fields: "run: text!, task: text, outcome: CancelOutcome!, status: text!"),
        "CancelMany": Shape(
            fields: "outcomes: [Cancel]!, cancelled: integer!, cancelling: integer!, alreadyEnded: integer!, notFound: integer!"),
        "AnswerOutcome": Shape(fields: "run: text!, task: text!, status: TaskStatus!, cancelRequested: boolean"),
        "Schedule": Shape(
            fields: """
                name: text!, status: ScheduleStatus!, next: time, lastScheduled: time, lastRun: text, started: integer!,
                missed: integer!, overlapped: integer!, waiting: integer!, createdAt: time!, owner: text, document: object
                """),
        "Worker": Shape(
            fields: """
                id: text!, state: text!, host: text!, handlers: [text]!, queues: [text]!, slots: integer!, tags: [text]!,
                running: integer!, startedAt: time!, lastSeenAt: time!
                """),
        "Queue": Shape(fields: "name: text!, levels: [Level]!, workers: integer!, slots: integer!, paused: boolean!"),
        "Level": Shape(fields: "priority: Priority!, waiting: integer!, published: integer!"),
        "Handlers": Shape(fields: "items: [Handler]!, slowest: [SlowExecution]!"),
        "Handler": Shape(
            fields: """
                name: text!, executions: integer!, completed: integer!, failed: integer!, lost: integer!, cancelled: integer!,
                retries: integer!, cached: integer!, successRate: number, runTime: Times, queueTime: Times, workers: integer!
                """),
        "Times": Shape(fields: "count: integer!, mean: number!, p50: number!, p95: number!, p99: number!"),
        "SlowExecution": Shape(
            fields: "handler: text, run: text!, task: text!, attempt: integer!, milliseconds: number!, finishedAt: time!"),
        "Alive": Shape(fields: "status: text!"),
        "Health": Shape(fields: "store: text!, broker: text!, ready: boolean!"),
        "OpenAPI": .object,
    ]

    private static let requests: [String: Shape] = [
        "Graph": Shape(
            fields: """
                name: text!, key: text, correlationId: text, owner: text, input: any, inputSchema: any, timeout: text, mode: text,
                onFailure: text, tasks: [TaskDocument]!
                """),
        "TaskDocument": Shape(fields: "id: text!, handler: text, inputs: any, params: any, dependencies: [any], queue: text, priority: Priority"),
        "Graphs": .list(.named("Graph")),
        "ScheduleDocument": Shape(fields: "name: text!, graph: Graph!"),
        "ScheduleChange": Shape(fields: "paused: boolean!"),
        "Reason": Shape(fields: "reason: text"),
        "CancelManyRequest": Shape(
            fields: """
                runs: [text], tasks: [TaskReference], correlationId: text, name: text, owner: text, status: RunStatus, family: text,
                reason: text
                """),
        "RerunRequest": Shape(fields: "scope: RerunScope, from: [text], graph: Graph, force: boolean"),
        "RerunScope": .choice(of: RerunRequest.Scope.self),
        "ReuseRequest": Shape(
            fields: "tasks: [text], children: boolean, upstream: boolean, dependents: boolean, name: text, key: text, owner: text"),
        "MixedRequest": Shape(
            fields: "link: [text]!, tasks: [text], children: boolean, upstream: boolean, dependents: boolean, name: text, key: text, owner: text"),
        "Failure": Shape(fields: "type: text, message: text!, retryable: boolean, retryAfterMs: integer, details: any"),
    ]
}

extension Shape {
    /// This, or a list of the schema's values.
    fileprivate func orList(of name: String) -> Shape { .either([self, .list(.named(name))]) }
}
