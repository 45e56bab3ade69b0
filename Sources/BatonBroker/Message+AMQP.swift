import AMQP
import BatonWire

extension AMQP.Publication {
    init(_ publication: Publication) {
        let message = publication.message
        self.init(
            exchange: publication.exchange, routingKey: publication.routingKey,
            properties: Properties(
                contentType: message.contentType, contentEncoding: message.contentEncoding,
                headers: AMQP.Headers(message.headers.fields.map { ($0.name, $0.value.field) }),
                persistent: message.isPersistent, priority: message.priority, correlationID: message.correlationID,
                replyTo: message.replyTo, messageID: message.messageID, timestamp: message.timestamp, type: message.type,
                appID: message.appID),
            body: message.body, mandatory: publication.isMandatory)
    }
}

extension Delivery {
    convenience init(_ delivery: AMQP.Delivery) {
        let properties = delivery.properties
        self.init(
            message: Message(
                type: properties.type, messageID: properties.messageID, correlationID: properties.correlationID,
                replyTo: properties.replyTo, contentType: properties.contentType, appID: properties.appID,
                priority: properties.priority, timestamp: properties.timestamp, isPersistent: properties.persistent,
                headers: BatonWire.Headers(properties.headers.fields), body: delivery.body,
                contentEncoding: properties.contentEncoding),
            exchange: delivery.exchange, routingKey: delivery.routingKey, isRedelivered: delivery.redelivered
        ) { settlement in
            switch settlement {
            case .acknowledge: delivery.ack()
            case .requeue: delivery.reject(requeue: true)
            case .discard: delivery.reject(requeue: false)
            }
        }
    }
}

extension AMQP.Headers {
    fileprivate var fields: [BatonWire.Headers.Field] {
        entries.map { BatonWire.Headers.Field(name: $0.name, value: .init($0.value)) }
    }
}

extension BatonWire.Headers.Value {
    fileprivate var field: FieldValue {
        switch self {
        case .string(let text), .other(let text): .string(text)
        case .integer(let value): .int(value)
        case .bool(let value): .bool(value)
        case .number(let value): .double(value)
        case .null: .null
        case .array(let items): .array(items.map(\.field))
        case .table(let fields): .table(AMQP.Headers(fields.map { ($0.name, $0.value.field) }))
        }
    }

    /// As deep as the protocol's own reader went, which has a limit.
    fileprivate init(_ field: FieldValue) {
        switch field {
        case .string(let text): self = .string(text)
        case .int(let value): self = .integer(value)
        case .bool(let value): self = .bool(value)
        case .timestamp(let value): self = .integer(Int64(clamping: value))
        case .bytes(let bytes): self = .other(String(decoding: bytes, as: UTF8.self))
        case .double(let value): self = .number(value)
        case .null: self = .null
        case .array(let items): self = .array(items.map { .init($0) })
        case .table(let table): self = .table(table.fields)
        }
    }
}
