/// One scalar of MessagePack, or the begin of an array or a map, whose elements follow.
public enum MessagePackToken: Sendable, Equatable {
  case null
  case bool(Bool)
  /// An integer of any size that an Int64 can hold.
  case integer(Int64)
  /// An integer above Int64's largest.
  case unsigned(UInt64)
  case float(Float)
  case double(Double)
  /// Where the text stands. That it is UTF-8 has not been checked.
  case string(Range<Int>)
  /// Where the bytes stand.
  case binary(Range<Int>)
  /// An application's type, and where its bytes stand; negative types are MessagePack's own.
  case extended(Int8, Range<Int>)
  /// So many values follow.
  case array(Int)
  /// So many pairs of key and value follow.
  case map(Int)
}
