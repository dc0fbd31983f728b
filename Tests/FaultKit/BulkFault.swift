/// What a faulty Elasticsearch does to a bulk request.
public enum BulkFault: Sendable, Hashable, CustomStringConvertible {
  /// Answers 429 for so many items of a hundred, without passing them on.
  case busyItems(percent: Int)
  /// Answers this status to the whole request, without passing it on.
  case refused(status: Int)
  /// Takes the request and says nothing until the client gives up. Nothing is passed on.
  case silent
  /// Closes in the middle of the request.
  case cutRequest
  /// Passes the request on, and closes instead of answering.
  case lostAnswer
  /// Passes the request on, and closes in the middle of the answer.
  case halfAnswer
  /// Passes the request on, and leaves the last item out of the answer.
  case shortAnswer
  /// Passes the request on, and answers with its items the other way round.
  case reversedItems
  /// Passes the request on late.
  case late(milliseconds: Int)

  public var description: String {
    switch self {
    case .busyItems(let percent): "429 for \(percent) % of the items"
    case .refused(let status): "\(status) for whole requests"
    case .silent: "no answer until the time is up"
    case .cutRequest: "connections closed in the middle of the request"
    case .lostAnswer: "answers that are lost"
    case .halfAnswer: "half answers"
    case .shortAnswer: "answers that lack an item"
    case .reversedItems: "answers in another order"
    case .late(let milliseconds): "answers that are \(milliseconds) ms late"
    }
  }
}
