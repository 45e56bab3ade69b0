import CRabbitMQ
import Glibc

/// A message of which some frames have arrived.
struct Assembly {
    enum Kind {
        case delivery
        case get
        case returned(replyCode: UInt16, text: String)
    }

    let kind: Kind
    var message: IncomingMessage
    /// Body bytes still to come; nil before the header frame.
    var missing: UInt64?
}

extension Transport {
    /// Whether a read can succeed without the socket having anything.
    var hasBuffered: Bool { amqp_frames_enqueued(connection) != 0 || amqp_data_in_buffer(connection) != 0 }

    /// Gives memory of handled frames back to the library's pools.
    func releaseBuffers() { amqp_maybe_release_buffers(connection) }

    /// The next thing the broker said, or nil when there is nothing to read now. Also where the library sends heartbeats
    /// and notices that the broker's are missing.
    func next() throws(AMQPError) -> Incoming? {
        while true {
            var frame = amqp_frame_t()
            var immediately = timeval(tv_sec: 0, tv_usec: 0)
            let status = amqp_simple_wait_frame_noblock(connection, &frame, &immediately)
            if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
            guard status == 0 else { throw Self.libraryError(status, context: "read from the broker") }
            if let incoming = try handle(frame) { return incoming }
        }
    }

    private func handle(_ frame: borrowing amqp_frame_t) throws(AMQPError) -> Incoming? {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD: return try handle(frame.payload.method, on: frame.channel)
        case AMQP_FRAME_HEADER:
            let header = frame.payload.properties
            guard var assembly = assembling(on: frame.channel), assembly.missing == nil, let decoded = header.decoded else {
                throw unexpected("a header frame")
            }
            assembly.message.properties = Properties(
                decoded.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee, cache: &strings)
            assembly.missing = header.body_size
            return finish(assembly, on: frame.channel)
        case AMQP_FRAME_BODY:
            let fragment = frame.payload.body_fragment
            guard let missing = assembling(on: frame.channel)?.missing, UInt64(fragment.len) <= missing,
                let start = fragment.bytes
            else { throw unexpected("a body frame") }
            let index = Int(frame.channel)
            let bytes = UnsafeRawBufferPointer(start: start, count: fragment.len)
            if UInt64(fragment.len) == missing, assembling[index]?.message.body.isEmpty == true {
                assembling[index]?.message.body = Array(bytes)
            } else {
                // The announced size is the broker's word only, so memory isn't taken for all of it at once.
                if assembling[index]?.message.body.isEmpty == true {
                    assembling[index]?.message.body.reserveCapacity(Int(clamping: min(missing, 16 << 20)))
                }
                assembling[index]?.message.body.append(contentsOf: bytes)
            }
            assembling[index]?.missing = missing - UInt64(fragment.len)
            guard let assembly = assembling[index] else { return nil }
            return assembly.missing == 0 ? finish(assembly, on: frame.channel) : nil
        default: return nil
        }
    }

    private func unexpected(_ what: String) -> AMQPError {
        AMQPError(.connectionLost, "the broker sent \(what) out of turn", context: "read from the broker")
    }

    private func assembling(on channel: UInt16) -> Assembly? {
        Int(channel) < assembling.count ? assembling[Int(channel)] : nil
    }

    private func begin(_ kind: Assembly.Kind, _ message: IncomingMessage, on channel: UInt16) {
        while assembling.count <= Int(channel) { assembling.append(nil) }
        assembling[Int(channel)] = Assembly(kind: kind, message: message, missing: nil)
    }

    private func finish(_ assembly: Assembly, on channel: UInt16) -> Incoming? {
        guard assembly.missing == 0 else {
            assembling[Int(channel)] = assembly
            return nil
        }
        assembling[Int(channel)] = nil
        switch assembly.kind {
        case .delivery: return .delivery(channel: channel, assembly.message)
        case .get: return .got(channel: channel, assembly.message)
        case .returned(let replyCode, let text):
            return .returned(channel: channel, replyCode: replyCode, text: text, assembly.message)
        }
    }

    private func handle(_ method: amqp_method_t, on channel: UInt16) throws(AMQPError) -> Incoming? {
        guard let decoded = method.decoded else { throw unexpected("an empty method") }
        func fields<Fields>(_: Fields.Type) -> Fields { decoded.assumingMemoryBound(to: Fields.self).pointee }

        switch Int64(method.id) {
        case Int64(AMQP_BASIC_DELIVER_METHOD):
            let deliver = fields(amqp_basic_deliver_t.self)
            begin(
                .delivery,
                IncomingMessage(
                    exchange: strings.string(deliver.exchange), routingKey: strings.string(deliver.routing_key),
                    consumerTag: strings.string(deliver.consumer_tag), tag: deliver.delivery_tag,
                    redelivered: deliver.redelivered != 0), on: channel)
            return nil
        case Int64(AMQP_BASIC_ACK_METHOD):
            let ack = fields(amqp_basic_ack_t.self)
            return .confirm(channel: channel, tag: ack.delivery_tag, multiple: ack.multiple != 0, positive: true)
        case Int64(AMQP_BASIC_NACK_METHOD):
            let nack = fields(amqp_basic_nack_t.self)
            return .confirm(channel: channel, tag: nack.delivery_tag, multiple: nack.multiple != 0, positive: false)
        case Int64(AMQP_BASIC_RETURN_METHOD):
            let returned = fields(amqp_basic_return_t.self)
            begin(
                .returned(replyCode: returned.reply_code, text: String(returned.reply_text)),
                IncomingMessage(exchange: strings.string(returned.exchange), routingKey: strings.string(returned.routing_key)),
                on: channel)
            return nil
        case Int64(AMQP_BASIC_GET_OK_METHOD):
            let got = fields(amqp_basic_get_ok_t.self)
            begin(
                .get,
                IncomingMessage(
                    exchange: strings.string(got.exchange), routingKey: strings.string(got.routing_key),
                    tag: got.delivery_tag, redelivered: got.redelivered != 0), on: channel)
            return nil
        case Int64(AMQP_BASIC_GET_EMPTY_METHOD): return .got(channel: channel, nil)
        case Int64(AMQP_BASIC_CANCEL_METHOD): return .consumerCancelled(channel: channel)
        case Int64(AMQP_CHANNEL_CLOSE_METHOD):
            let close = fields(amqp_channel_close_t.self)
            if Int(channel) < assembling.count { assembling[Int(channel)] = nil }
            return .channelClosed(
                channel: channel,
                Closure(
                    replyCode: close.reply_code, text: String(close.reply_text), classID: close.class_id,
                    methodID: close.method_id))
        case Int64(AMQP_CHANNEL_CLOSE_OK_METHOD):
            if Int(channel) < assembling.count { assembling[Int(channel)] = nil }
            return .channelCloseOK(channel: channel)
        case Int64(AMQP_CONNECTION_CLOSE_METHOD):
            let close = fields(amqp_connection_close_t.self)
            return .connectionClosed(
                Closure(
                    replyCode: close.reply_code, text: String(close.reply_text), classID: close.class_id,
                    methodID: close.method_id))
        case Int64(AMQP_CONNECTION_BLOCKED_METHOD):
            return .blocked(reason: String(fields(amqp_connection_blocked_t.self).reason))
        case Int64(AMQP_CONNECTION_UNBLOCKED_METHOD): return .unblocked
        case Int64(AMQP_CHANNEL_FLOW_METHOD):
            try acceptFlow(channel, active: fields(amqp_channel_flow_t.self).active != 0)
            return nil
        case Int64(AMQP_QUEUE_DECLARE_OK_METHOD):
            let ok = fields(amqp_queue_declare_ok_t.self)
            return .reply(
                channel: channel,
                .queue(QueueStatus(name: String(ok.queue), messages: Int(ok.message_count), consumers: Int(ok.consumer_count))))
        case Int64(AMQP_QUEUE_PURGE_OK_METHOD):
            return .reply(channel: channel, .count(Int(fields(amqp_queue_purge_ok_t.self).message_count)))
        case Int64(AMQP_QUEUE_DELETE_OK_METHOD):
            return .reply(channel: channel, .count(Int(fields(amqp_queue_delete_ok_t.self).message_count)))
        default:
            // Every other method a broker sends is the plain "ok" to a request.
            return .reply(channel: channel, .ok)
        }
    }
}
