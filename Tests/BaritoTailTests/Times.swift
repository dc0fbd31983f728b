import BaritoCore
import FoundationEssentials

/// A recent time, in milliseconds since 1970: a real broker deletes records that are older than its retention.
let aMinuteAgo = Int64(Date.now.timeIntervalSince1970 * 1000) - 60_000

/// A time as lines show it.
func timeOf(_ milliseconds: Int64) -> String { Timestamp(milliseconds: milliseconds)?.description ?? "" }
