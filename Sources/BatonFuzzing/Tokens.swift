/// What the languages that are read are made of.
package enum Tokens {
    static let everywhere = ["", " ", "\n", "\n\n", "\t", "\0", "\u{7F}", "é", "e\u{301}", "𝄞", "\u{FEFF}", "\u{2028}", ",", ":", ".", "-", "0", "1"]

    static let numbers = [
        "-1", "0", "-0", "1e2", "1e400", "-1e400", "1e-400", "0.1", "1.0", "1E+5", "255", "256", "65536", "2147483647", "2147483648", "4294967296",
        "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615",
        "123456789012345678901234567890", "253402300799999", "1764000001234",
    ]

    static let values = ["null", "true", "false", "{}", "[]", #""""#, #""a""#, "[null]", #"{"a":null}"#, #"{"":0}"#] + numbers

    package static let json =
        values + [
            "{", "}", "[", "]", "\"", ":", ",", #"\""#, #"\\"#, #"\u0000"#, #"\ud834\udd1e"#, #"\ud800"#, #"\udc00"#, #"\u00e9"#, #"\n"#, #"\/"#, #"\x"#,
        ]

    static let durations = ["250ms", "30s", "5m", "1h", "2d", "3650d", "3651d", "0s", "1.5h", "0.0001ms"]
    static let times = [
        "2026-12-01T08:00:00Z", "2026-02-29T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "0000-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59", "1970-01-01T00:00:00.000Z", "2026-03-29T02:30:00+01:00",
    ]

    static let graph: [String] = {
        let names = [
            "name", "key", "correlationId", "owner", "input", "inputSchema", "timeout", "mode", "onFailure", "tasks", "id", "handler", "inputs", "params",
            "parent", "dependencies", "merge", "queue", "priority", "delay", "at", "retry", "timeouts", "critical", "when", "route", "routes",
            "defaultRoute", "maxIterations", "forEach", "context", "onCompleted", "onFailed", "onCancelled", "compensate", "validators", "validationSteps",
            "retryDelay", "fallback", "schemas", "graph", "answer", "limit", "breaker", "cache", "round", "task", "required", "as", "select", "on",
            "maxAttempts", "backoff", "factor", "maxDelay", "jitter", "only", "never", "delays", "attempt", "total", "queued", "heartbeat", "items", "csv",
            "lines", "from", "format", "maxParallel", "onItemFailure", "collect", "window", "compress", "deadline", "default", "concurrency", "rate",
            "permits", "per", "failures", "reset", "ttl", "version", "result", "stored",
        ]
        let words = [
            "sequential", "stop", "cancel", "compensate", "continue", "completed", "failed", "finished", "fixed", "linear", "exponential", "explicit", "flat",
            "core.echo", "a", "b", "list",
        ]
        return names.map { "\"\($0)\":" } + words.map { "\"\($0)\"" } + durations.map { "\"\($0)\"" } + times.map { "\"\($0)\"" }
            + expressions.map { "\"\($0)\"" } + [
                #"{"id":"a","handler":"h"}"#, #"{"id":"b","handler":"h","dependencies":["a"]}"#, #"{"task":"a","on":"finished"}"#,
                #""forEach":{"items":[1,2]}"#, #""routes":{"x":"a"}"#, #""route":"'x'""#, #""schemas":{"result":{"type":"object"}}"#,
            ]
    }()

    static let yaml =
        graph.map { $0.replacing("\"", with: "") + " " } + [
            "- ", "  ", "\n  ", "\n    - ", "? ", ": ", "&a ", "*a", "<<: *a", "!!str ", "!!int ", "! ", "|\n  ", ">\n  ", "---\n", "...\n", "# ", "%YAML 1.2\n",
            "{", "}", "[", "]", "'", "\"", "~", "yes", "no", "on", "0x1F", "0o17", "017", "1_000", ".inf", "-.inf", ".nan", "17:30", "1e3", "=", "2026-12-01",
        ]

    static let expressions = ["input", "inputs.a", "status", "a.b", "[]", "[?a]", "[0]", "length(@)", "'x'", "`1`", "index", "item"]

    static let jmesPath =
        expressions + [
            "abs(", "avg(", "ceil(", "contains(", "ends_with(", "floor(", "join(", "keys(", "length(", "map(", "max(", "max_by(", "merge(", "min(", "min_by(",
            "not_null(", "reverse(", "sort(", "sort_by(", "starts_with(", "sum(", "to_array(", "to_number(", "to_string(", "type(", "values(", "(", ")", "@",
            "&", "*", "[*]", "[]", "[::2]", "[::-1]", "[:9223372036854775807]", "[::-9223372036854775808]", "[-1]", "[?", "]", "{", "}", "|", "||", "&&", "!",
            "==", "!=", "<", "<=", ">", ">=", "`", "'", "\"", "\\'", "\\`", "a", "b", ".", "{a: @}", "[@, @]", "[?@ > `1`]", "*.*",
        ] + values.map { "`\($0)`" } + values

    static let schema =
        json
        + [
            "$id", "$ref", "$schema", "additionalItems", "additionalProperties", "allOf", "anyOf", "const", "contains", "definitions", "dependencies", "else",
            "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "if", "items", "maxItems", "maxLength", "maxProperties", "maximum", "minItems",
            "minLength", "minProperties", "minimum", "multipleOf", "not", "oneOf", "pattern", "patternProperties", "properties", "propertyNames", "required",
            "then", "type", "uniqueItems",
        ].map { "\"\($0)\":" }
        + [
            "\"object\"", "\"array\"", "\"integer\"", "\"string\"", "\"#\"", "\"#/definitions/a\"", "\"date-time\"", "\"email\"", "\"uri\"", "\"regex\"",
            "\"^a{1,9}$\"", "\"(a+)+$\"", "\"\\\\p{L}\"", "\"[^\\\\d]\"", "{\"$ref\":\"#\"}", "\n\n",
        ]

    static let cron = [
        "*", "?", "L", "LW", "15W", "W", "#", "MON#2", "FRIL", "SUN", "mon", "JAN", "DEC", "/", "*/5", "1-5", "5-1", "0-7/2", "7", "59", "60", "@daily", "@hourly",
        "@weekly", "@monthly", "@yearly", "@reboot", "31 2", "29 2", "0 0 31 2 *", "\nEurope/Berlin\n", "\nAmerica/St_Johns\n", "\nAustralia/Lord_Howe\n",
        "\nAntarctica/Troll\n", "\nPacific/Apia\n", "\nUTC\n",
    ] + numbers

    static let schedule =
        graph
        + ["every", "cron", "daily", "weekly", "monthly", "yearly", "timeZone", "until", "times", "missed", "overlap", "paused", "on", "at"].map { "\"\($0)\":" }
        + [
            "\"once\"", "\"skip\"", "\"queue\"", "\"allow\"", "\"08:00\"", "\"17:30:15\"", "\"last\"", "\"fri#last\"", "\"mon#1\"", "\"12-24\"", "\"02-29\"", "\"mon\"",
            "\"Europe/Berlin\"", "\"America/New_York\"", "\"Pacific/Apia\"", "\"0 6 * * mon-fri\"", "\"0 0 29 2 *\"",
        ]

    static let headers = [
        "type: ", "message-id: ", "correlation-id: ", "reply-to: ", "content-type: ", "content-encoding: ", "app-id: ", "priority: ", "timestamp: ",
        "baton-protocol: ", "baton-run: ", "baton-task: ", "baton-handler: ", "baton-attempt: ", "baton-max-attempts: ", "baton-owner: ", "baton-deadline: ",
        "baton-heartbeat: ", "baton-timeout: ", "baton-claim: ", "baton-hook: ", "baton-round: ", "baton-worker: ", "baton-started: ", "baton-redelivered: ",
        "baton-queue: ", "baton-priority: ", "baton-key: ", "baton-reply: ", "traceparent: ", "tracestate: ", "int ", "bool ", "num ", "null", "list ", "table ",
        "other ", "01K9Z0EXAMPLERUN.3.2", "application/json", "application/yaml", "application/vnd.baton.completion+json",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "true", "false",
    ]

    static let messages = headers + json

    static let events = [
        "application/cloudevents+json", "application/cloudevents-batch+json", "cloudEvents:specversion: 1.0", "cloudEvents:id: ", "cloudEvents:source: ",
        "cloudEvents:type: ", "cloudEvents:subject: ", "\"specversion\":\"1.0\"", "\"data_base64\":", "\"data\":", "\"datacontenttype\":", "\"batonqueue\":",
        "\"batonpriority\":", "\"eyJhIjoxfQ==\"", "\"source\":", "\"subject\":",
    ]

    static let celery =
        [
            "task: ", "id: ", "root_id: ", "parent_id: ", "group: ", "eta: ", "expires: ", "retries: ", "timelimit: ", "ignore_result: ", "compression: ",
            "body_encoding: ", "utf-8", "base64", "\"callbacks\":", "\"errbacks\":", "\"chain\":", "\"chord\":", "\"options\":", "\"reply_to\":", "\"task_id\":",
            "[[],{},{}]", "\"status\":", "\"result\":", "\"SUCCESS\"", "\"FAILURE\"", "\"REVOKED\"", "\"exc_type\":", "\"exc_message\":", "\"exc_module\":",
            "list [300,null]",
        ] + times + messages

    static let address = [
        "amqp://", "amqps://", "guest:guest@", "@", "%2F", "%00", "%", "%zz", "[::1]", "[", "]", ":5672", ":0", ":65536", "/", "?", "#", "&", "heartbeat=", "10",
        "connection_timeout=", "cacertfile=", "certfile=", "keyfile=", "verify=", "verify_peer", "verify_none", "localhost", "127.0.0.1",
    ]

    static let items = ["\"", "\"\"", ",", ";", "\t", "\n", "\r\n", "\r", "csv\n", "lines\n", "\u{FEFF}", "a,b\n", "a;b\n", "a\tb\n", "\"a\nb\""]

    static let texts =
        durations + times
        + ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "run.0.1", "%2E", "%", "-.", "@", "08:00", "23:59:59", "Europe/Berlin", "Etc/GMT+12", "GMT+2", "../", "CET"]
}
