import BatonModel

extension APIDescription {
    static let operations = runs + tasks + reuse + schedules + cluster + service

    private static let idempotencyKey = APIOperation.Parameter.header(
        "Idempotency-Key", "Stands for the document's key: the same graph under it again gives the run made first.")
    private static let trace = [
        APIOperation.Parameter.header("traceparent", "The trace that the run is to be part of (W3C Trace Context)."),
        APIOperation.Parameter.header("tracestate", "What tracing systems add to it."),
    ]

    private static let runs: [APIOperation] = [
        .post("/v1/runs", "submitRun", "Submits a graph. It is stored when this answers.", .schema("Run"), status: 201)
            .or(200, "The key was known: the run made then.", .schema("Run"))
            .with(idempotencyKey, trace[0], trace[1]).taking(.document("Graph")),
        .post("/v1/runs/batch", "submitRuns", "Submits many graphs, with one outcome for each.", .page("BatchOutcome"))
            .taking(.schema("Graphs")),
        .get("/v1/runs", "listRuns", "Lists runs, newest first.", .page("Run"))
            .with(
                .text("name", "Of this name."), .choice("status", of: RunStatus.self, "That stand so."), .text("owner", "Of this owner."),
                .text("correlationId", "With this correlation id."), .text("family", "Of the family of this run."),
                .text("origin", "Made from this run."), .text("schedule", "Started by this schedule."), .limit, .cursor),
        .get("/v1/runs/{run}", "getRun", "Shows a run.", .schema("Run")),
        .post("/v1/runs/{run}/cancel", "cancelRun", "Cancels a run.", .schema("Cancel")).taking(.schema("Reason"), required: false),
        .post("/v1/cancel", "cancelMany", "Cancels the runs and tasks that are named, and those that fit all the rest.", .schema("CancelMany"))
            .taking(.schema("CancelManyRequest")),
        .get("/v1/runs/{run}/events", "listEvents", "Lists what happened in a run, or streams it as it happens (server-sent events).", .page("Event"))
            .or(204, "Of a stream: the run has ended, and nothing follows.")
            .with(
                .integer("after", in: 0...Int.max, "Only events after this one."), .limit,
                .header("Last-Event-ID", "Of a stream: the last event seen.")),
        .get("/v1/runs/{run}/graph", "drawGraph", "Draws a run's graph.", .pictures(PictureFormat.allCases, schema: "RunGraph"))
            .with(.choice("format", of: PictureFormat.self, "By default what the header Accept asks for, or JSON.")),
        .get("/v1/runs/{run}/timeline", "drawTimeline", "Draws when a run's attempts waited and ran.", .pictures([.json, .svg], schema: "RunTimeline"))
            .with(APIOperation.Parameter(name: "format", shape: .choice(["json", "svg"]), text: "By default what the header Accept asks for, or JSON.")),
        .get("/v1/runs/{run}/why", "explainRun", "Says what holds a run up.", .schema("RunWhy")),
        .post("/v1/runs/{run}/signals/{name}", "signalRun", "Completes the task of this name that waits for an answer.", .schema("AnswerOutcome"))
            .taking(.json, required: false),
    ]

    private static let tasks: [APIOperation] = [
        .get("/v1/runs/{run}/tasks", "listTasks", "Lists the tasks of a run, in the document's order, without inputs and results.", .schema("Tasks"))
            .with(
                .choice("status", of: TaskStatus.self, "That stand so."), .flag("tree", "As a tree by parent, whole."), .limit, .cursor),
        .get("/v1/runs/{run}/tasks/{task}", "getTask", "Shows a task, with its attempts, inputs and result.", .schema("Task")),
        .get("/v1/runs/{run}/tasks/{task}/why", "explainTask", "Says what a task waits for, or why it ended so.", .schema("Why")),
        .get("/v1/runs/{run}/tasks/{task}/logs", "listLogs", "Lists what a task's attempts have logged.", .page("LogLine"))
            .with(.integer("attempt", in: 0...Int(Int32.max), "Only of this attempt."), .limit, .cursor),
        .post("/v1/runs/{run}/tasks/{task}/cancel", "cancelTask", "Cancels a task.", .schema("Cancel"))
            .taking(.schema("Reason"), required: false),
        .post("/v1/attempts/{token}/complete", "completeAttempt", "Completes a task that waits; the body is its result.", .schema("AnswerOutcome"))
            .taking(.json, required: false),
        .post("/v1/attempts/{token}/fail", "failAttempt", "Fails this attempt of a task that waits.", .schema("AnswerOutcome"))
            .taking(.schema("Failure")),
        .post("/v1/attempts/{token}/heartbeat", "heartbeatAttempt", "Says that somebody is still at it.", .schema("AnswerOutcome")),
    ]

    private static let reuse: [APIOperation] = [
        .post("/v1/runs/{run}/rerun", "rerunRun", "Has an ended run go on.", .schema("Run"))
            .taking(.schema("RerunRequest"), required: false),
        make("copy", "copyRun", "Makes a new run of the same tasks, which starts.", "ReuseRequest"),
        make("link", "linkRun", "Makes a completed run that shows the original's results.", "ReuseRequest"),
        make("archive", "archiveRun", "Makes a read-only copy of an ended run.", "ReuseRequest"),
        make("mixed", "mixRun", "Makes a new run with some tasks linked and the others copied.", "MixedRequest"),
    ]

    private static func make(_ name: String, _ id: String, _ summary: String, _ body: String) -> APIOperation {
        .post("/v1/runs/{run}/\(name)", id, summary, .schema("Run"), status: 201)
            .or(200, "The key was known: the run made then.", .schema("Run"))
            .with(idempotencyKey).taking(.schema(body), required: name == "mixed")
    }

    private static let schedules: [APIOperation] = [
        .post("/v1/schedules", "createSchedule", "Creates a schedule.", .schema("Schedule"), status: 201).taking(.document("ScheduleDocument")),
        .get("/v1/schedules", "listSchedules", "Lists the schedules, by name.", .page("Schedule")).with(.limit, .cursor),
        .get("/v1/schedules/{name}", "getSchedule", "Shows a schedule.", .schema("Schedule")),
        .patch("/v1/schedules/{name}", "changeSchedule", "Pauses a schedule, or lets it go on.", .schema("Schedule"))
            .taking(.schema("ScheduleChange")),
        .delete("/v1/schedules/{name}", "removeSchedule", "Removes a schedule; its runs stay."),
    ]

    private static let cluster: [APIOperation] = [
        .get("/v1/workers", "listWorkers", "Lists the workers that have been heard of lately.", .page("Worker")),
        .get("/v1/queues", "listQueues", "Lists the queues with their ready work.", .page("Queue")),
        .post("/v1/queues/{queue}/pause", "pauseQueue", "Starts nothing more of a queue.", .schema("Queue")),
        .post("/v1/queues/{queue}/resume", "resumeQueue", "Lets a paused queue go on.", .schema("Queue")),
        .get("/v1/handlers", "listHandlers", "Tells how handlers do, and which executions took longest.", .schema("Handlers"))
            .with(.integer("slowest", in: 0...100, "How many executions; 5 by default.")),
    ]

    private static let service: [APIOperation] = [
        .get("/healthz", "isAlive", "Answers while the process lives.", .schema("Alive")).open,
        .get("/readyz", "isReady", "Says whether the coordinator can work.", .schema("Health")).or(503, "It can't.", .schema("Health")).open,
        .get("/metrics", "readMetrics", "Metrics for Prometheus.", .text("text/plain")),
        .get("/openapi.json", "describe", "This document.", .schema("OpenAPI")).open,
    ]
}
