/// A message with what the broker says about it, before anyone made a `Delivery` of it.
struct IncomingMessage {
    var exchange = ""
    var routingKey = ""
    var consumerTag = ""
    var tag: UInt64 = 0
    var redelivered = false
    var properties = Properties()
    var body: [UInt8] = []
}

/// Why the broker ended a channel or the connection.
struct Closure {
    let replyCode: UInt16
    let text: String
    /// The method that was the cause, or zero.
    let classID: UInt16
    let methodID: UInt16

    /// Whether `basic.publish` was the cause.
    var isByPublish: Bool { classID == 60 && methodID == 40 }
    func error(_ context: String) -> AMQPError { .closed(byBroker: replyCode, text, context: context) }
}

/// Something the broker said, complete: messages with their body.
enum Incoming {
    case delivery(channel: UInt16, IncomingMessage)
    case returned(channel: UInt16, replyCode: UInt16, text: String, IncomingMessage)
    case got(channel: UInt16, IncomingMessage?)
    case confirm(channel: UInt16, tag: UInt64, multiple: Bool, positive: Bool)
    case consumerCancelled(channel: UInt16)
    case channelClosed(channel: UInt16, Closure)
    case channelCloseOK(channel: UInt16)
    case connectionClosed(Closure)
    case blocked(reason: String)
    case unblocked
    case reply(channel: UInt16, Reply)
}
