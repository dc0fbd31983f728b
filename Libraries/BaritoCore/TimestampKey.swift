/// Whether `key` is `@timestamp`, which a document needs.
func isTimestamp(_ key: Span<UInt8>) -> Bool {
  guard key.count == 10 else { return false }
  var index = 0
  for byte in "@timestamp".utf8 {
    guard key[index] == byte else { return false }
    index &+= 1
  }
  return true
}
